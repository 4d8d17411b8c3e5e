/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * All outputs of a running appliance: each event is written once and goes to those that want
 * its kind. The control thread's.
 */

#ifndef APP_RUN_OUTPUTS_H
#define APP_RUN_OUTPUTS_H

#include "base/err_list.h"
#include "config/config.h"
#include "observe/alarm_json.h"
#include "observe/event_json.h"
#include "observe/status.h"
#include "observe/wire_json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct outputs;

/**
 * Open what the configuration lists.
 *
 * @param before
 *   The outputs so far, or NULL. Those that are listed again unchanged are taken over, with
 *   what waits in them and their counts.
 * @param[out] outputs
 *   NULL after an error.
 * @param errors
 *   Gets a sentence for each that cannot be opened; @p before is then as it was. If all went
 *   well @p before is gone.
 */
int outputs_open(const struct config *config, struct outputs *before, struct outputs **outputs,
		struct err_list *errors);

/** An event of a connection, of one kind. */
void outputs_event(struct outputs *outputs, const struct record *record, enum event_kind kind,
		uint64_t time_us);

/**
 * An event of an attack.
 *
 * @param[out] line
 *   ALARM_JSON_LINE_MAX bytes: what was written, also where no output wants it.
 * @return
 *   Its length; 0 when there was no memory.
 */
size_t outputs_alarm(struct outputs *outputs, const struct alarm *alarm, char *line);

void outputs_wire_event(struct outputs *outputs, const struct wire_event *event, uint64_t time_us);

void outputs_stats(struct outputs *outputs, const struct status *status);

/** What the wall's clock was set by since the start; all times written from now on show it. */
void outputs_set_clock(struct outputs *outputs, uint64_t shift_us);

/** Hand over what can be handed over now; cheap where there is nothing. */
void outputs_flush(struct outputs *outputs, uint64_t now_us);

/** Files are opened by their names again. */
void outputs_reopen(struct outputs *outputs);

/** Into status->outputs. */
void outputs_describe(const struct outputs *outputs, struct status *status);

/* An output that has taken nothing for a second, or takes lines again. */
struct outputs_change {
	bool is_ready;
	const char *name; /* its path, or "stdout"; the outputs' own */
	uint64_t since_us; /* when it was last found ready before; 0: never */
	char trouble[160];
};

/** The next that has changed since it was told; false: none has. */
bool outputs_next_change(struct outputs *outputs, struct outputs_change *change);

/** Whether lines wait to be handed over. */
bool outputs_are_waiting(const struct outputs *outputs);

/** The same, but for outputs that are not ready: a disk that hangs, a socket that nobody reads. */
bool outputs_are_writing(const struct outputs *outputs);

/** What could not be handed over is told in the log; @p outputs may be NULL. */
void outputs_close(struct outputs *outputs);

#endif /* APP_RUN_OUTPUTS_H */
