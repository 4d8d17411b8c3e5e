/* SPDX-License-Identifier: Apache-2.0 */

#include "app/run/answers.h"

#include "app/run/control.h"
#include "app/run/reload.h"
#include "app/run/tracking.h"
#include "config/config_dump.h"
#include "observe/floods_json.h"
#include "observe/status_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A search for flows goes from worker to worker, with one letter. */
struct search {
	struct control *control;
	struct control_reply *reply;
	json_t *flows;
	uint32_t left; /* so many more are looked for: one more than wanted, to know of it */
	struct pipeline_query query;
};

/* An answer to what was asked of all workers: true once each has read its letter. */
struct answers_waiting {
	struct control_reply *reply;
	json_t *answer;
	uint64_t serial; /* of the last letter to wait for */
	struct answers_waiting *next;
};

/* What the answer shows, and that it is one; NULL stays NULL. */
static json_t *
say_ok(json_t *answer)
{
	if (answer != NULL)
		json_object_set_new(answer, "ok", json_true());
	return answer;
}

static void
finish_search(struct search *search, bool all)
{
	json_t *answer = json_pack("{s:o}", "flows", search->flows);

	if (answer != NULL && !all)
		json_object_set_new(answer, "more", json_true());
	search->control->answers.searches--;
	control_reply_send(search->reply, say_ok(answer));
	free(search);
}

static void
take_flows(struct search *search, const struct letter *letter)
{
	const struct pipeline_query *query = letter->mail.query;
	const uint64_t now_us = appliance_now_us(search->control->appliance);

	for (uint32_t i = 0; i < query->count && search->left > 0; i++) {
		struct record record = { .flow_id = 0 };

		if (--search->left == 0)
			return; /* this one is not wanted any more */
		record_unpack(&query->found[i], &record);
		record.worker = (uint16_t)letter->worker;
		json_array_append_new(search->flows,
				status_json_flow(&record,
						(enum hs_state)query->found[i].entry.state,
						now_us));
	}
}

/* Whether the letter is on its way. */
static bool
ask_on(struct search *search, struct letter *letter)
{
	struct pipeline_query *query = letter->mail.query;

	query->count = 0;
	query->limit = search->left < PIPELINE_QUERY_LIMIT ? search->left : PIPELINE_QUERY_LIMIT;
	if (letters_post(&search->control->letters, search->control->appliance, letter))
		return true;
	finish_search(search, false); /* that worker has stopped reading */
	return false;
}

/* A worker has answered, for a part of its table or all of it. */
static void
go_on_searching(void *context, struct letter *letter)
{
	struct search *search = context;
	const struct layout *layout = &search->control->appliance->layout;

	take_flows(search, letter);
	if (letter->mail.query->is_over) {
		letter->worker++;
		letter->mail.query->cursor = 0;
	}
	if (search->left == 0 || search->control->is_stopping)
		finish_search(search, false);
	else if (letter->worker == layout->worker_count)
		finish_search(search, true);
	else
		ask_on(search, letter);
}

static void
fill_query(struct pipeline_query *query, const struct control_filter *filter)
{
	query->has_address = filter->has_address;
	memcpy(query->address, filter->address, sizeof(query->address));
	query->port = filter->port;
	query->has_state = filter->state != HS_STATE_UNSET;
	query->state = (uint8_t)filter->state;
}

static void
show_flows(struct control *control, const struct control_filter *filter,
		struct control_reply *reply)
{
	struct search *search = calloc(1, sizeof(*search));
	struct letter *letter = letters_new(MAIL_QUERY, 0);

	if (search == NULL || letter == NULL || control->answers.searches == ANSWERS_SEARCHES_MAX) {
		free(search);
		free(letter);
		control_reply_error(reply, "too many searches are under way; try again");
		return;
	}
	control->answers.searches++;
	*search = (struct search){
		.control = control, .reply = reply, .flows = json_array(), .left = filter->limit + 1
	};
	fill_query(&search->query, filter);
	letter->mail.query = &search->query;
	letter->answered = go_on_searching;
	letter->context = search;
	if (!ask_on(search, letter))
		free(letter);
}

static json_t *
show_config(const struct control *control)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	json_t *answer;

	if (out == NULL)
		return NULL;
	config_dump_yaml(&control->config, out);
	fclose(out);
	answer = json_pack("{s:s%}", "config", text, len);
	free(text);
	return answer;
}

static bool
is_wanted(const struct service *service, const struct control_filter *filter)
{
	const struct space_saving_server *server = &service->server;

	if (filter->port != 0 && server->port != filter->port)
		return false;
	return !filter->has_address ||
			memcmp(server->addr, filter->address, sizeof(filter->address)) == 0;
}

static json_t *
show_services(const struct control *control, const struct control_filter *filter)
{
	const struct service *best[SERVICES_KEPT];
	const uint32_t count = services_best(
			control->services, best, SERVICES_KEPT, SERVICES_BY_ATTEMPTS);
	uint32_t wanted = 0;

	for (uint32_t i = 0; i < count && wanted < filter->limit; i++)
		if (is_wanted(best[i], filter))
			best[wanted++] = best[i];
	return status_json_services(control->services, best, wanted);
}

static json_t *
show_floods(struct control *control, const struct control_filter *filter)
{
	const struct floods_json_wish wish = { .only_active = filter->only_active,
		.without_series = filter->without_series,
		.limit = filter->limit };

	return floods_json_reply(control_look(control), &wish);
}

static void
show(struct control *control, const struct control_request *request, struct control_reply *reply)
{
	switch (request->what) {
	case CONTROL_STATS:
		control_reply_send(reply, say_ok(status_json_stats(control_look(control))));
		break;
	case CONTROL_WIRES:
		control_reply_send(reply, say_ok(status_json_wires(control_look(control))));
		break;
	case CONTROL_SERVICES:
		control_reply_send(reply, say_ok(show_services(control, &request->filter)));
		break;
	case CONTROL_FLOODS:
		control_reply_send(reply, say_ok(show_floods(control, &request->filter)));
		break;
	case CONTROL_CONFIG:
		control_reply_send(reply, say_ok(show_config(control)));
		break;
	case CONTROL_FLOWS:
		show_flows(control, &request->filter, reply);
		break;
	}
}

static void
answer_when_done(struct control *control, struct control_reply *reply, json_t *answer)
{
	struct answers_waiting *waiting = malloc(sizeof(*waiting));

	if (waiting == NULL) {
		control_reply_send(reply, answer);
		return;
	}
	*waiting = (struct answers_waiting){ .reply = reply,
		.answer = answer,
		.serial = control->letters.posted,
		.next = control->answers.waiting };
	control->answers.waiting = waiting;
}

void
answers_go_on(struct control *control)
{
	struct answers_waiting **at = &control->answers.waiting;

	while (*at != NULL) {
		struct answers_waiting *waiting = *at;

		if (!letters_are_back(&control->letters, waiting->serial)) {
			at = &waiting->next;
			continue;
		}
		*at = waiting->next;
		control_reply_send(waiting->reply, waiting->answer);
		free(waiting);
	}
}

static json_t *
list_errors(const struct err_list *errors)
{
	json_t *list = json_array();

	for (size_t i = 0; i < errors->count; i++)
		json_array_append_new(list, json_string(errors->errs[i].text));
	if (errors->more > 0)
		json_array_append_new(list, json_sprintf("and %zu more", errors->more));
	return json_pack("{s:b, s:s, s:o}", "ok", 0, "error",
			"the configuration is not taken, and the one before stays in force",
			"errors", list);
}

static void
reload_config(struct control *control, struct control_reply *reply)
{
	struct err_list errors = { .count = 0 };

	if (reload(control, &errors) < 0)
		control_reply_send(reply, list_errors(&errors));
	else
		answer_when_done(control, reply, say_ok(json_object()));
}

void
answers_handle(void *context, const struct control_request *request, struct control_reply *reply)
{
	struct control *control = context;

	if (control->is_stopping) {
		control_reply_error(reply, "synwire is stopping");
		return;
	}
	switch (request->command) {
	case CONTROL_SHOW:
		show(control, request, reply);
		break;
	case CONTROL_RELOAD:
		reload_config(control, reply);
		break;
	case CONTROL_BYPASS:
		tracking_set_bypass(control, request->on);
		answer_when_done(control, reply, say_ok(json_pack("{s:b}", "bypass", request->on)));
		break;
	}
}
