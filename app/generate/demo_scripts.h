/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Something of everything: one case for each thing that can be said of a handshake, of
 * an end and of a RST, as far as a capture can show it.
 */

#ifndef APP_GENERATE_DEMO_SCRIPTS_H
#define APP_GENERATE_DEMO_SCRIPTS_H

#include "app/generate/host.h"
#include "app/generate/script.h"

#include <stdint.h>

struct demo_case {
	struct script script;
	uint32_t start_ms; /* since the capture's begin; never less than the case before */
	const struct host_stack *stack; /* the client's; NULL: Linux */
	uint8_t ip_version; /* 0: as asked for */
	uint8_t vlan_count; /* 0: as asked for */
	uint16_t vlan[SEGMENT_VLANS];
};

extern const struct demo_case demo_scripts_cases[];
extern const uint32_t demo_scripts_count;

#endif /* APP_GENERATE_DEMO_SCRIPTS_H */
