/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/json_value.h"

#include "observe/address.h"
#include "observe/timestamp.h"
#include "observe/utf8.h"

#include <stdlib.h>
#include <string.h>

json_t *
json_value_text(const char *text)
{
	json_t *value;
	char *mended = strdup(text);

	if (mended == NULL)
		return NULL;
	for (char *p = mended; *p != '\0';) {
		uint32_t len = utf8_len(p);

		if (len == 0)
			*p = '?';
		p += len == 0 ? 1 : len;
	}
	value = json_string(mended);
	free(mended);
	return value;
}

json_t *
json_value_time(uint64_t time_us)
{
	struct timestamp_cache cache = { 0 };
	char text[TIMESTAMP_LEN + 1];

	*timestamp_write(&cache, time_us, text) = '\0';
	return json_string(text);
}

json_t *
json_value_count(uint64_t count)
{
	return json_integer((json_int_t)(count < INT64_MAX ? count : INT64_MAX));
}

json_t *
json_value_address(const uint8_t addr[16], uint8_t ip_version)
{
	char text[ADDRESS_LEN_MAX + 1];

	*address_write(addr, ip_version, text) = '\0';
	return json_string(text);
}

size_t
json_value_line(const json_t *value, char *out, size_t room)
{
	size_t len = json_dumpb(value, out, room, JSON_VALUE_FLAGS);

	if (len == 0 || len >= room)
		return 0;
	out[len] = '\n';
	return len + 1;
}
