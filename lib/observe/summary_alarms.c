/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/summary_alarms.h"

#include "base/usec.h"
#include "observe/alarm_text.h"
#include "observe/summary_text.h"

#include <string.h>

#define WHOM_WIDTH 36 /* a longer one, of IPv6, gets a line of its own */

static int
whom_width(const struct alarm *const *alarms, uint32_t count)
{
	int width = (int)strlen("whom"), len;

	for (uint32_t i = 0; i < count; i++) {
		len = (int)strlen(alarm_text_whom(alarms[i]).text);
		if (len > width && len <= WHOM_WIDTH)
			width = len;
	}
	return width;
}

static struct summary_text
lasted(const struct alarm *alarm)
{
	const uint64_t until_us = alarm->phase == ALARM_END ? alarm->ended_us : alarm->time_us;

	return summary_text_time(usec_since(alarm->onset_us, until_us));
}

static struct summary_text
sources(const struct alarm *alarm)
{
	if (!alarm->has_sources)
		return (struct summary_text){ "-" };
	return summary_text_count(alarm->sources_estimate);
}

static struct summary_text
spoofed(const struct alarm *alarm)
{
	const float share = alarm->spoofed_share;
	struct summary_text text = { "-" };

	if (alarm->type == ALARM_SYN_FLOOD && alarm->has_spoofed_share && share >= 0 && share <= 1)
		snprintf(text.text, sizeof(text.text), "%.1f %%", 100 * (double)share);
	return text;
}

static void
print_row(FILE *out, const struct alarm *alarm, uint64_t first_us, int width)
{
	struct alarm_text whom = alarm_text_whom(alarm);

	fprintf(out, "  %-11s  ", alarm_text_what(alarm));
	if (strlen(whom.text) > WHOM_WIDTH) {
		fprintf(out, "%s\n  %11s  ", whom.text, "");
		whom.text[0] = '\0';
	}
	fprintf(out, "%-*s  %10s  %10s  %9s  %9s  %7s\n", width, whom.text,
			summary_text_time(usec_since(first_us, alarm->onset_us)).text,
			lasted(alarm).text, summary_text_count(alarm->peak_pps).text,
			sources(alarm).text, spoofed(alarm).text);
}

void
summary_alarms_print(FILE *out, const struct alarm *const *alarms, uint32_t count, uint64_t more,
		uint64_t first_us)
{
	const uint32_t shown = count < SUMMARY_ALARMS_SHOWN ? count : SUMMARY_ALARMS_SHOWN;
	const int width = whom_width(alarms, shown);

	if (count == 0 && more == 0)
		return;
	fprintf(out, "\nAttacks: %s\n", summary_text_count(count + more).text);
	fprintf(out, "  %-11s  %-*s  %10s  %10s  %9s  %9s  %7s\n", "what", width, "whom",
			"began at", "lasted", "peak/s", "sources", "spoofed");
	for (uint32_t i = 0; i < shown; i++)
		print_row(out, alarms[i], first_us, width);
	if (count + more > shown)
		fprintf(out, "  and %s more\n", summary_text_count(count + more - shown).text);
}
