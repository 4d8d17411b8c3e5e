/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What may be asked of a running appliance. One reader for the server, for DPDK's telemetry
 * and for the commands that ask, so that all three refuse the same in the same words.
 *
 * As JSON: {"command":"show","what":"flows","address":"192.0.2.1","port":80,
 * "state":"SYN_SENT","limit":100}, {"command":"show","what":"floods","active":true},
 * {"command":"reload"}, {"command":"bypass","on":true}.
 * A member that is not known, or that the command has no use for, is an error.
 */

#ifndef APP_ASK_CONTROL_REQUEST_H
#define APP_ASK_CONTROL_REQUEST_H

#include "base/err.h"
#include "handshake/hs_fsm.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#define CONTROL_REQUEST_LEN_MAX 4096 /* bytes of the line, with its newline */
#define CONTROL_LIMIT_DEFAULT 100
#define CONTROL_LIMIT_MAX 10000

/* X(id, word) */
#define CONTROL_COMMANDS(X) \
	X(CONTROL_SHOW, "show") \
	X(CONTROL_RELOAD, "reload") \
	X(CONTROL_BYPASS, "bypass")

/* X(id, word): what `show` shows. */
#define CONTROL_SUBJECTS(X) \
	X(CONTROL_STATS, "stats") \
	X(CONTROL_FLOWS, "flows") \
	X(CONTROL_FLOODS, "floods") \
	X(CONTROL_SERVICES, "services") \
	X(CONTROL_CONFIG, "config") \
	X(CONTROL_WIRES, "wires")

enum control_command {
#define X(id, word) id,
	CONTROL_COMMANDS(X)
#undef X
};

enum control_subject {
#define X(id, word) id,
	CONTROL_SUBJECTS(X)
#undef X
};

/* Which flows, services or floods; the whole of it zero but for the limit: any. */
struct control_filter {
	bool has_address;
	uint8_t address[16]; /* IPv4 in the IPv4-mapped form */
	uint16_t port; /* 0: any */
	enum hs_state state; /* HS_STATE_UNSET: any */
	uint32_t limit; /* so many at most */
	bool only_active; /* floods that last */
	bool without_series; /* of floods: no rates second by second; set by who has little room */
};

struct control_request {
	enum control_command command;
	enum control_subject what; /* of show */
	struct control_filter filter; /* of show */
	bool on; /* of bypass */
};

/**
 * Read a request.
 *
 * @return
 *   0, or -EINVAL with the sentence in @p err.
 */
int control_request_read(json_t *json, struct control_request *request, struct err *err);

#endif /* APP_ASK_CONTROL_REQUEST_H */
