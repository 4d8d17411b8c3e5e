/* SPDX-License-Identifier: Apache-2.0 */

#include "detect/followed.h"

#include "detect/tick.h"
#include "flow/flow_key.h"

#include <stdlib.h>
#include <string.h>

#define CHAINS FOLLOWED_MAX /* a power of two */

/* When all places are taken, so many are looked at for one that may give way. */
#define LOOKED_AT 64

/* What is learned fades over five minutes; before that, all that was seen counts alike. */
#define LEARNING_TICKS 3000

/* How long handshakes take is learned from about so many. */
#define DELAYS_KEPT 2000.0

/*
 * A victim whose handshakes nobody has timed yet is taken to have clients far away: most take
 * from half a second to a second. So many handshakes seen weigh as much as this assumption.
 */
#define ASSUMED_WEIGHT 4.0
#define ASSUMED_FROM 4
#define ASSUMED_TO 9

struct followed_table {
	uint64_t seed;
	uint32_t count;
	uint32_t hand; /* where the search for one that gives way goes on */
	uint64_t replaced;
	uint32_t awake_count;
	uint32_t awake[FOLLOWED_MAX];
	uint32_t chains[CHAINS];
	struct followed victims[FOLLOWED_MAX];
};

struct followed_table *
followed_create(uint64_t seed)
{
	struct followed_table *table = calloc(1, sizeof(*table));

	if (table == NULL)
		return NULL;
	table->seed = seed | 1;
	memset(table->chains, 0xff, sizeof(table->chains));
	return table;
}

void
followed_destroy(struct followed_table *table)
{
	free(table);
}

static uint32_t *
chain_of(struct followed_table *table, const struct victim_key *key)
{
	const uint64_t rest = key->port | (uint64_t)key->level << 16 | (uint64_t)key->ipv6 << 24;
	const uint64_t addr = flow_key_mix(key->addr[0] ^ table->seed, key->addr[1] + table->seed);

	return &table->chains[flow_key_mix(addr ^ table->seed, rest ^ ~table->seed) % CHAINS];
}

struct followed *
followed_find(struct followed_table *table, const struct victim_key *key)
{
	for (uint32_t at = *chain_of(table, key); at != FOLLOWED_NONE; at = table->victims[at].next)
		if (victim_key_equal(&table->victims[at].key, key))
			return &table->victims[at];
	return NULL;
}

static void
unlink_victim(struct followed_table *table, uint32_t at)
{
	uint32_t *link = chain_of(table, &table->victims[at].key);

	while (*link != at)
		link = &table->victims[*link].next;
	*link = table->victims[at].next;
}

/* Whether a is worth less than b: asleep before awake, never completed before others, then age. */
static bool
gives_way_before(const struct followed *a, const struct followed *b)
{
	if (a->is_awake != b->is_awake)
		return b->is_awake;
	if ((a->usual_completed > 0) != (b->usual_completed > 0))
		return b->usual_completed > 0;
	return a->active_tick < b->active_tick;
}

static uint32_t
find_replaceable(struct followed_table *table)
{
	uint32_t best = FOLLOWED_NONE;

	for (uint32_t i = 0; i < LOOKED_AT; i++) {
		const uint32_t at = table->hand++ % FOLLOWED_MAX;

		if (table->victims[at].alarms == 0 &&
				(best == FOLLOWED_NONE ||
						gives_way_before(&table->victims[at],
								&table->victims[best])))
			best = at;
	}
	return best;
}

static void
forget_awake(struct followed_table *table, uint32_t at)
{
	for (uint32_t i = 0; i < table->awake_count; i++)
		if (table->awake[i] == at) {
			table->awake[i] = table->awake[--table->awake_count];
			return;
		}
}

static uint32_t
take_place(struct followed_table *table)
{
	uint32_t at;

	if (table->count < FOLLOWED_MAX)
		return table->count++;
	at = find_replaceable(table);
	if (at == FOLLOWED_NONE)
		return at;
	unlink_victim(table, at);
	if (table->victims[at].is_awake)
		forget_awake(table, at);
	table->replaced++;
	return at;
}

static void
set_taps(struct followed *victim)
{
	double all = ASSUMED_WEIGHT;

	for (uint32_t i = 0; i < VICTIM_DELAYS; i++)
		all += victim->delay[i];
	for (uint32_t i = 0; i < FOLLOWED_DELAYS; i++) {
		double weight = i < 6	 ? victim->delay[i]
				: i < 10 ? victim->delay[6] / 4
					 : victim->delay[7] / 6;

		if (i >= ASSUMED_FROM && i <= ASSUMED_TO)
			weight += ASSUMED_WEIGHT / (ASSUMED_TO - ASSUMED_FROM + 1);
		victim->taps[i] = weight / all;
	}
}

static struct followed *
follow(struct followed_table *table, const struct victim_key *key, uint64_t tick)
{
	const uint32_t at = take_place(table);
	struct followed *victim;
	uint32_t *chain;

	if (at == FOLLOWED_NONE)
		return NULL;
	victim = &table->victims[at];
	memset(victim, 0, sizeof(*victim));
	victim->key = *key;
	victim->is_used = true;
	victim->since_tick = tick;
	victim->stepped_tick = tick - 1;
	set_taps(victim);
	chain = chain_of(table, key);
	victim->next = *chain;
	*chain = at;
	return victim;
}

static double
power(double base, uint64_t exponent)
{
	double result = 1;

	for (; exponent != 0; exponent >>= 1, base *= base)
		if ((exponent & 1) != 0)
			result *= base;
	return result;
}

/* While it slept nothing came: the usual is less for it. */
static void
count_sleep(struct followed *victim, uint64_t ticks)
{
	const double kept = power(1.0 - 1.0 / LEARNING_TICKS, ticks);

	victim->usual_syn *= kept;
	victim->usual_completed *= kept;
	victim->usual_unfinished *= kept;
	for (uint32_t i = 0; i < ALARM_TYPE_COUNT; i++)
		victim->usual_stray[i] *= kept;
	memset(victim->ticks, 0, sizeof(victim->ticks));
	victim->cusum = 0;
}

struct followed *
followed_wake(struct followed_table *table, const struct victim_key *key, uint64_t tick)
{
	struct followed *victim = followed_find(table, key);

	if (victim == NULL)
		victim = follow(table, key, tick);
	if (victim == NULL)
		return NULL;
	victim->active_tick = tick;
	if (victim->is_awake)
		return victim;
	if (tick > victim->stepped_tick + 1)
		count_sleep(victim, tick - victim->stepped_tick - 1);
	victim->stepped_tick = tick - 1;
	victim->woken_tick = tick;
	victim->is_awake = true;
	table->awake[table->awake_count++] = (uint32_t)(victim - table->victims);
	return victim;
}

uint32_t
followed_awake_count(const struct followed_table *table)
{
	return table->awake_count;
}

struct followed *
followed_awake(struct followed_table *table, uint32_t n)
{
	return &table->victims[table->awake[n]];
}

void
followed_rest(struct followed_table *table, uint64_t tick)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < table->awake_count; i++) {
		struct followed *victim = &table->victims[table->awake[i]];

		victim->is_awake = victim->alarms != 0 ||
				victim->active_tick + FOLLOWED_TICKS > tick;
		if (victim->is_awake)
			table->awake[kept++] = table->awake[i];
	}
	table->awake_count = kept;
}

uint32_t
followed_count(const struct followed_table *table)
{
	return table->count;
}

uint64_t
followed_replaced(const struct followed_table *table)
{
	return table->replaced;
}

static void
take_delays(struct followed *victim)
{
	double all = 0;

	if (victim->now.completed == 0 || victim->alarms != 0)
		return; /* under attack a server is not as usual */
	for (uint32_t i = 0; i < VICTIM_DELAYS; i++)
		all += victim->delay[i] += victim->now.delay[i];
	if (all > DELAYS_KEPT)
		for (uint32_t i = 0; i < VICTIM_DELAYS; i++)
			victim->delay[i] *= DELAYS_KEPT / all;
	set_taps(victim);
}

static void
take_counts(struct followed_tick *to, const struct victim_counts *now)
{
	*to = (struct followed_tick){
		.syn = now->syn,
		.synack = now->synack,
		.retried = now->retried,
		.client_reset = now->client_reset,
		.completed = now->completed,
		.resolved = now->completed + now->refused + now->broken_off,
	};
	to->stray[ALARM_BACKSCATTER] = now->stray_synack;
	to->stray[ALARM_RST_STORM] = now->stray_rst;
	to->stray[ALARM_ACK_STORM] = now->stray_ack;
	to->answered = now->stray_answered;
}

/*
 * Handshakes whose time to be resolved has come. Those of this tick beyond the last one's are
 * taken to have begun at its end, as they do when a crowd comes: their time begins a tick later.
 */
static double
expected_now(const struct followed *victim)
{
	double sum = 0;

	for (uint64_t ago = 0; ago < FOLLOWED_DELAYS; ago++) {
		const uint32_t syn = followed_tick_at(victim, ago)->syn;
		const uint32_t before = followed_tick_at(victim, ago + 1)->syn;
		const uint32_t late = syn > before ? syn - before : 0;

		sum += (syn - late) * victim->taps[ago];
		if (ago > 0)
			sum += late * (victim->taps[ago] + (ago == 1 ? victim->taps[0] : 0));
	}
	return sum;
}

void
followed_step(struct followed *victim, uint64_t tick, bool is_silent)
{
	struct followed_tick *to = &victim->ticks[tick % FOLLOWED_TICKS];
	const struct victim_counts *now = &victim->now;

	victim->stepped_tick = tick;
	take_counts(to, is_silent ? &(struct victim_counts){ 0 } : now);
	to->expected = expected_now(victim);
	to->unfinished = to->expected - to->resolved;
	if (is_silent)
		return;
	victim->half_open += (int64_t)now->syn - victim_ended(now);
	if (victim->half_open < 0)
		victim->half_open = 0; /* some began before it was followed */
	take_delays(victim);
	victim->now = (struct victim_counts){ 0 };
}

static void
approach(double *usual, double value, double share)
{
	*usual += (value - *usual) * share;
}

void
followed_learn(struct followed *victim)
{
	const struct followed_tick *then = followed_tick_at(victim, TICKS_PER_SEC);
	double share;

	if (victim->stepped_tick < victim->since_tick + TICKS_PER_SEC)
		return;
	if (victim->learned_ticks < LEARNING_TICKS)
		victim->learned_ticks++;
	share = 1.0 / (double)victim->learned_ticks;
	approach(&victim->usual_syn, then->syn, share);
	approach(&victim->usual_completed, then->completed, share);
	approach(&victim->usual_unfinished, then->unfinished, share);
	for (uint32_t i = 0; i < ALARM_TYPE_COUNT; i++)
		approach(&victim->usual_stray[i], then->stray[i], share);
}

#define SUM(type, member) \
	type sum = 0; \
	for (uint32_t ago = 0; ago < ticks; ago++) \
		sum += followed_tick_at(victim, ago)->member; \
	return sum

uint32_t
followed_syn(const struct followed *victim, uint32_t ticks)
{
	SUM(uint32_t, syn);
}

uint32_t
followed_retried(const struct followed *victim, uint32_t ticks)
{
	SUM(uint32_t, retried);
}

uint32_t
followed_synack(const struct followed *victim, uint32_t ticks)
{
	SUM(uint32_t, synack);
}

uint32_t
followed_completed(const struct followed *victim, uint32_t ticks)
{
	SUM(uint32_t, completed);
}

uint32_t
followed_stray(const struct followed *victim, enum alarm_type type, uint32_t ticks)
{
	SUM(uint32_t, stray[type]);
}

uint32_t
followed_answered(const struct followed *victim, uint32_t ticks)
{
	SUM(uint32_t, answered);
}

double
followed_unfinished(const struct followed *victim, uint32_t ticks)
{
	SUM(double, unfinished);
}

double
followed_expected(const struct followed *victim, uint32_t ticks)
{
	SUM(double, expected);
}
