/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/timestamp.h"

#include "base/usec.h"
#include "observe/text.h"

#include <string.h>

#define SEC_PER_DAY UINT64_C(86400)
#define DATE_LEN 11 /* 2021-03-20T */
#define LAST_USEC UINT64_C(253402300799999999) /* 9999-12-31T23:59:59.999999Z */

/*
 * The Gregorian calendar repeats after 400 years of 146097 days; a year that begins in
 * March has its leap day last. After Howard Hinnant, "chrono-compatible low-level date
 * algorithms", civil_from_days.
 */
static void
make_date(struct timestamp_cache *cache, uint32_t day)
{
	uint32_t shifted = day + 719468; /* since 0000-03-01 */
	uint32_t era = shifted / 146097;
	uint32_t day_of_era = shifted % 146097;
	uint32_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 -
					       day_of_era / 146096) /
			365;
	uint32_t day_of_year = day_of_era -
			(365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	uint32_t march_month = (5 * day_of_year + 2) / 153;
	uint32_t month = march_month < 10 ? march_month + 3 : march_month - 9;
	char *p = cache->text;

	p = text_padded(year_of_era + era * 400 + (month <= 2), 4, p);
	*p++ = '-';
	p = text_padded(month, 2, p);
	*p++ = '-';
	p = text_padded(day_of_year - (153 * march_month + 2) / 5 + 1, 2, p);
	*p = 'T';
	cache->day = day;
}

static void
make_second(struct timestamp_cache *cache, uint64_t time_s)
{
	uint32_t day = (uint32_t)(time_s / SEC_PER_DAY);
	uint32_t second = (uint32_t)(time_s % SEC_PER_DAY);
	char *p = cache->text + DATE_LEN;

	if (day != cache->day || cache->text[0] == '\0')
		make_date(cache, day);
	p = text_padded(second / 3600, 2, p);
	*p++ = ':';
	p = text_padded(second / 60 % 60, 2, p);
	*p++ = ':';
	p = text_padded(second % 60, 2, p);
	*p = '.';
	cache->time_s = time_s;
}

char *
timestamp_write(struct timestamp_cache *cache, uint64_t time_us, char *out)
{
	uint64_t kept_us = time_us < LAST_USEC ? time_us : LAST_USEC;
	uint64_t time_s = kept_us / USEC_PER_SEC;

	if (time_s != cache->time_s || cache->text[0] == '\0')
		make_second(cache, time_s);
	out = text_bytes(cache->text, sizeof(cache->text), out);
	out = text_padded((uint32_t)(kept_us % USEC_PER_SEC), 6, out);
	*out++ = 'Z';
	return out;
}
