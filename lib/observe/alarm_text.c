/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/alarm_text.h"

#include "observe/address.h"

#include <string.h>

struct alarm_text
alarm_text_whom(const struct alarm *alarm)
{
	struct alarm_text whom = { "" };
	uint8_t addr[16];

	memcpy(addr, alarm->victim.addr, sizeof(addr));
	*address_endpoint_write(
			addr, alarm->victim.port, alarm->victim.ipv6 ? 6 : 4, whom.text) = '\0';
	return whom;
}
