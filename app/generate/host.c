/* SPDX-License-Identifier: Apache-2.0 */

#include "app/generate/host.h"

const struct host_stack host_linux = {
	.mss = 1460,
	.sack = true,
	.timestamps = true,
	.has_wscale = true,
	.wscale = 7,
	.hop_limit = 64,
	.syn_window = 64240,
	.synack_window = 65160,
	.window = 502,
};

const struct host_stack host_windows = {
	.mss = 1460,
	.sack = true,
	.has_wscale = true,
	.wscale = 8,
	.hop_limit = 128,
	.syn_window = 64240,
	.synack_window = 65535,
	.window = 1026,
};

const struct host_stack host_flooder = {
	.hop_limit = 255,
	.syn_window = 512,
	.synack_window = 512,
	.window = 512,
};

const struct host_stack host_scanner = {
	.mss = 1460,
	.hop_limit = 64,
	.syn_window = 1024,
	.synack_window = 1024,
	.window = 1024,
};

void
host_init(struct host *host, const struct host_stack *stack, uint8_t hops, uint32_t round_trip_us,
		struct random *random)
{
	host->stack = stack;
	host->hop_limit = (uint8_t)(stack->hop_limit - hops);
	host->ip_id = (uint16_t)random_next(random);
	host->ts_offset = (uint32_t)random_next(random);
	host->ts_sent = host->ts_offset;
	host->round_trip_us = round_trip_us;
	host_renew(host, random);
}

void
host_renew(struct host *host, struct random *random)
{
	host->isn = (uint32_t)random_next(random);
	host->next = host->isn;
}
