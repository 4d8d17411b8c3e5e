/* SPDX-License-Identifier: Apache-2.0 */

#include "tests/unit/watch_fixture.h"

#define SECOND USEC_PER_SEC
#define START WATCH_START
#define PATIENCE (5 * SECOND) /* while a link comes up */
#define LATER (START + 60 * SECOND) /* when every link has had its time */

/* Two ticks at the same time: what the first did, the second sees. */
static void
look(struct watch_fixture *f, uint64_t now_us)
{
	watch_tick_at(f, now_us);
	watch_tick_at(f, now_us);
}

static bool
is_told_down(struct watch_fixture *f, uint32_t port)
{
	return atomic_load(&f->appliance.port_is_down[port]);
}

/* Past the patience of the start, with all links up. */
static struct watch_fixture *
settled(void **state)
{
	struct watch_fixture *f = *state;

	look(f, START);
	look(f, LATER);
	assert_int_equal(watch_count(f, WIRE_LINK_DOWN), 0);
	f->told_count = 0;
	return f;
}

/* Threads do not take turns here; what is told of them is left out. */
static void
assert_told(const struct watch_fixture *f, const enum wire_what *whats, const uint32_t *ports,
		uint32_t count)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < f->told_count; i++) {
		if (f->told[i].what == WIRE_WORKER_STALLED)
			continue;
		assert_true(n < count);
		assert_int_equal(f->told[i].what, whats[n]);
		assert_ptr_equal(f->told[i].port, f->appliance.layout.ports[ports[n]].device.name);
		assert_string_equal(f->told[i].wire, "wire0");
		assert_int_equal(f->told[i].worker, WIRE_NO_WORKER);
		n++;
	}
	assert_int_equal(n, count);
}

#define WHATS(...) ((const enum wire_what[]){ __VA_ARGS__ })
#define PORTS(...) ((const uint32_t[]){ __VA_ARGS__ })

static void
links_that_are_up_are_no_news(void **state)
{
	struct watch_fixture *f = settled(state);

	look(f, LATER + 3600 * SECOND);
	assert_told(f, NULL, NULL, 0);
	assert_false(is_told_down(f, 0));
	assert_true(f->watch.ports[0].is_up);
}

static void
a_port_that_loses_its_link_has_its_peer_held_down(void **state)
{
	struct watch_fixture *f = settled(state);

	f->devices[0].has_cable = false;
	look(f, LATER + SECOND);
	assert_told(f, WHATS(WIRE_LINK_DOWN, WIRE_HELD_DOWN), PORTS(0, 1), 2);
	assert_true(f->devices[1].is_down);
	assert_false(f->devices[0].is_down);
	assert_true(f->watch.ports[1].is_held_down);
	look(f, LATER + 600 * SECOND);
	assert_told(f, WHATS(WIRE_LINK_DOWN, WIRE_HELD_DOWN), PORTS(0, 1), 2);
}

static void
nothing_is_to_be_sent_to_a_port_without_link_or_one_that_is_held_down(void **state)
{
	struct watch_fixture *f = settled(state);

	f->devices[1].has_cable = false;
	look(f, LATER + SECOND);
	assert_true(is_told_down(f, 1));
	assert_true(is_told_down(f, 0));
	f->devices[1].has_cable = true;
	look(f, LATER + 2 * SECOND);
	assert_false(is_told_down(f, 1));
	assert_false(is_told_down(f, 0));
}

static void
a_link_that_is_back_releases_the_peer(void **state)
{
	struct watch_fixture *f = settled(state);

	f->devices[0].has_cable = false;
	look(f, LATER + SECOND);
	f->devices[0].has_cable = true;
	f->told_count = 0;
	look(f, LATER + 20 * SECOND);
	assert_told(f, WHATS(WIRE_LINK_UP, WIRE_RELEASED, WIRE_LINK_UP), PORTS(0, 1, 1), 3);
	assert_false(f->devices[1].is_down);
	assert_false(f->watch.ports[1].is_held_down);
}

static void
a_released_port_has_time_to_come_up_before_that_counts_as_a_loss(void **state)
{
	struct watch_fixture *f = settled(state);
	const uint64_t released_us = LATER + 20 * SECOND;

	f->devices[0].has_cable = false;
	look(f, LATER + SECOND);
	f->devices[0].has_cable = true;
	f->devices[1].has_cable = false;
	look(f, released_us);
	look(f, released_us + PATIENCE - 1);
	assert_false(f->devices[0].is_down);
	look(f, released_us + PATIENCE);
	assert_true(f->devices[0].is_down);
	assert_false(f->devices[1].is_down);
}

/* It is released, seen to have no link of its own, and the other side is held for it. */
static void
a_port_that_lost_its_link_while_held_down_takes_its_peer_down_in_turn(void **state)
{
	struct watch_fixture *f = settled(state);

	f->devices[0].has_cable = false;
	f->devices[1].has_cable = false;
	look(f, LATER + SECOND);
	assert_true(f->devices[1].is_down);
	assert_false(f->devices[0].is_down);
	f->devices[0].has_cable = true;
	look(f, LATER + 2 * SECOND);
	look(f, LATER + 2 * SECOND + PATIENCE);
	assert_true(f->devices[0].is_down);
	f->devices[1].has_cable = true;
	look(f, LATER + 3 * SECOND + PATIENCE);
	assert_false(f->devices[0].is_down);
	assert_false(f->devices[1].is_down);
	assert_true(f->watch.ports[0].is_up);
	assert_true(f->watch.ports[1].is_up);
}

static void
without_propagation_the_peer_of_a_port_without_link_stays_up(void **state)
{
	struct watch_fixture *f = settled(state);

	f->config.wires[0].link_propagation = 0;
	f->devices[0].has_cable = false;
	look(f, LATER + SECOND);
	assert_told(f, WHATS(WIRE_LINK_DOWN), PORTS(0), 1);
	assert_false(f->devices[1].is_down);
	assert_false(is_told_down(f, 1));
}

static void
a_port_is_released_when_propagation_is_turned_off_while_it_is_held(void **state)
{
	struct watch_fixture *f = settled(state);

	f->devices[0].has_cable = false;
	look(f, LATER + SECOND);
	f->config.wires[0].link_propagation = 0;
	f->told_count = 0;
	look(f, LATER + 2 * SECOND);
	assert_told(f, WHATS(WIRE_RELEASED, WIRE_LINK_UP), PORTS(1, 1), 2);
	assert_false(f->devices[1].is_down);
}

static void
an_interface_that_is_gone_is_a_port_that_stopped(void **state)
{
	struct watch_fixture *f = settled(state);

	f->devices[0].is_gone = true;
	look(f, LATER + SECOND);
	assert_told(f, WHATS(WIRE_PORT_STOPPED, WIRE_HELD_DOWN), PORTS(0, 1), 2);
	assert_non_null(f->told[0].detail);
	assert_true(is_told_down(f, 0));
	assert_false(f->watch.ports[0].is_there);
}

static void
an_interface_that_goes_while_it_is_held_down_is_told_all_the_same(void **state)
{
	struct watch_fixture *f = settled(state);

	f->devices[0].has_cable = false;
	look(f, LATER + SECOND);
	f->told_count = 0;
	f->devices[1].is_gone = true;
	look(f, LATER + 2 * SECOND);
	assert_told(f, WHATS(WIRE_PORT_STOPPED), PORTS(1), 1);
}

static void
a_port_that_is_gone_is_not_held_down(void **state)
{
	struct watch_fixture *f = settled(state);

	f->devices[0].has_cable = false;
	f->devices[1].is_gone = true;
	look(f, LATER + SECOND);
	assert_told(f, WHATS(WIRE_LINK_DOWN, WIRE_PORT_STOPPED, WIRE_HELD_DOWN), PORTS(0, 1, 0), 3);
	assert_false(f->devices[1].is_down);
}

static void
a_link_that_flaps_while_it_comes_up_is_no_news(void **state)
{
	struct watch_fixture *f = settled(state);

	f->devices[0].has_cable = false;
	look(f, LATER + SECOND);
	f->devices[0].has_cable = true;
	look(f, LATER + 2 * SECOND);
	f->told_count = 0;
	f->devices[1].has_cable = false;
	look(f, LATER + 2 * SECOND + PATIENCE - 1);
	assert_told(f, NULL, NULL, 0);
	look(f, LATER + 2 * SECOND + PATIENCE);
	assert_told(f, WHATS(WIRE_LINK_DOWN, WIRE_HELD_DOWN), PORTS(1, 0), 2);
}

static void
a_link_that_flaps_gets_nothing_to_send(void **state)
{
	struct watch_fixture *f = *state;

	look(f, START);
	assert_false(is_told_down(f, 1));
	f->devices[1].has_cable = false;
	look(f, START + SECOND);
	assert_told(f, NULL, NULL, 0);
	assert_true(is_told_down(f, 1));
	f->devices[1].has_cable = true;
	look(f, START + 2 * SECOND);
	assert_false(is_told_down(f, 1));
}

static void
a_port_without_link_at_the_start_is_told_and_has_time_to_come_up(void **state)
{
	struct watch_fixture *f = *state;

	f->devices[0].has_cable = false;
	look(f, START);
	assert_told(f, WHATS(WIRE_LINK_DOWN), PORTS(0), 1);
	assert_true(is_told_down(f, 0));
	look(f, START + PATIENCE - 1);
	assert_false(f->devices[1].is_down);
	look(f, START + PATIENCE);
	assert_true(f->devices[1].is_down);
}

static void
a_port_that_cannot_be_taken_down_is_tried_once_for_each_loss(void **state)
{
	struct watch_fixture *f = settled(state);

	f->devices[1].refuses = true;
	f->devices[0].has_cable = false;
	look(f, LATER + SECOND);
	look(f, LATER + 2 * SECOND);
	assert_told(f, WHATS(WIRE_LINK_DOWN), PORTS(0), 1);
	f->devices[1].refuses = false;
	look(f, LATER + 3 * SECOND);
	assert_false(f->devices[1].is_down);
	f->devices[0].has_cable = true;
	look(f, LATER + 4 * SECOND);
	f->devices[0].has_cable = false;
	look(f, LATER + 20 * SECOND);
	assert_true(f->devices[1].is_down);
}

static void
a_mirror_has_no_peer_to_hold_down(void **state)
{
	struct watch_fixture *f = *state;

	watch_add_wire(f, 1);
	settled(state);
	f->devices[2].has_cable = false;
	look(f, LATER + SECOND);
	assert_int_equal(watch_count(f, WIRE_LINK_DOWN), 1);
	assert_int_equal(watch_count(f, WIRE_HELD_DOWN), 0);
	assert_true(is_told_down(f, 2));
	for (uint32_t i = 0; i < 2; i++)
		assert_false(f->devices[i].is_down);
}

static void
another_wire_s_links_are_let_alone(void **state)
{
	struct watch_fixture *f = *state;

	watch_add_wire(f, 2);
	settled(state);
	f->devices[2].has_cable = false;
	look(f, LATER + SECOND);
	assert_true(f->devices[3].is_down);
	assert_false(f->devices[0].is_down || f->devices[1].is_down);
}

static void
the_speed_of_a_link_is_known(void **state)
{
	struct watch_fixture *f = settled(state);

	f->devices[1].speed_mbps = 25000;
	look(f, LATER + SECOND);
	assert_int_equal(f->watch.ports[1].speed_mbps, 25000);
}

static void
at_the_end_links_that_were_held_down_come_up_again(void **state)
{
	struct watch_fixture *f = settled(state);

	f->devices[0].has_cable = false;
	f->devices[0].is_down = true; /* by another, whose business it is */
	look(f, LATER + SECOND);
	assert_true(f->devices[1].is_down);
	watch_release_links(&f->watch);
	assert_false(f->devices[1].is_down);
	assert_true(f->devices[0].is_down);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		watch_test(links_that_are_up_are_no_news),
		watch_test(a_port_that_loses_its_link_has_its_peer_held_down),
		watch_test(nothing_is_to_be_sent_to_a_port_without_link_or_one_that_is_held_down),
		watch_test(a_link_that_is_back_releases_the_peer),
		watch_test(a_released_port_has_time_to_come_up_before_that_counts_as_a_loss),
		watch_test(a_port_that_lost_its_link_while_held_down_takes_its_peer_down_in_turn),
		watch_test(without_propagation_the_peer_of_a_port_without_link_stays_up),
		watch_test(a_port_is_released_when_propagation_is_turned_off_while_it_is_held),
		watch_test(an_interface_that_is_gone_is_a_port_that_stopped),
		watch_test(an_interface_that_goes_while_it_is_held_down_is_told_all_the_same),
		watch_test(a_port_that_is_gone_is_not_held_down),
		watch_test(a_link_that_flaps_while_it_comes_up_is_no_news),
		watch_test(a_link_that_flaps_gets_nothing_to_send),
		watch_test(a_port_without_link_at_the_start_is_told_and_has_time_to_come_up),
		watch_test(a_port_that_cannot_be_taken_down_is_tried_once_for_each_loss),
		watch_test(a_mirror_has_no_peer_to_hold_down),
		watch_test(another_wire_s_links_are_let_alone),
		watch_test(the_speed_of_a_link_is_known),
		watch_test(at_the_end_links_that_were_held_down_come_up_again),
	};

	return cmocka_run_group_tests_name("watch_link", tests, NULL, NULL);
}
