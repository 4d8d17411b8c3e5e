/* SPDX-License-Identifier: Apache-2.0 */

#include "handshake/retry.h"

#include "base/usec.h"

#define RTO_MAX_US (120 * USEC_PER_SEC) /* TCP_RTO_MAX of Linux */

uint64_t
retry_sent_us(const struct retry *retry, uint32_t n)
{
	uint64_t sent_us = 0, wait_us = retry->rto_us;

	for (uint32_t i = 0; i < n; i++) {
		sent_us += wait_us < RTO_MAX_US ? wait_us : RTO_MAX_US;
		if (i >= retry->linear && wait_us < RTO_MAX_US)
			wait_us *= 2;
	}
	return sent_us;
}

uint64_t
retry_giveup_us(const struct retry *retry)
{
	return retry_sent_us(retry, retry->linear + retry->retries + 1);
}
