/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/summary_text.h"

#include "base/usec.h"

#include <string.h>

struct summary_text
summary_text_count(uint64_t value)
{
	struct summary_text grouped;
	char digits[SUMMARY_TEXT_LEN];
	uint32_t len = (uint32_t)snprintf(
			digits, sizeof(digits), "%llu", (unsigned long long)value);
	char *p = grouped.text;

	for (uint32_t i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			*p++ = ',';
		*p++ = digits[i];
	}
	*p = '\0';
	return grouped;
}

/* Three digits, whatever the size: 1.23, 12.3, 123. */
static struct summary_text
three_digits(double value, const char *prefix, const char *unit)
{
	struct summary_text text;
	int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;

	snprintf(text.text, sizeof(text.text), "%.*f %s%s", decimals, value, prefix, unit);
	return text;
}

struct summary_text
summary_text_time(uint64_t us)
{
	uint64_t seconds = us / USEC_PER_SEC + (us % USEC_PER_SEC >= USEC_PER_SEC / 2);
	struct summary_text text;

	if (us < 1000)
		snprintf(text.text, sizeof(text.text), "%u us", (uint32_t)us);
	else if (us < 999500)
		return three_digits((double)us / 1e3, "m", "s");
	else if (seconds < 120)
		return three_digits((double)us / 1e6, "", "s");
	else if (seconds < 7200)
		snprintf(text.text, sizeof(text.text), "%u min %u s", (uint32_t)(seconds / 60),
				(uint32_t)(seconds % 60));
	else if (seconds < 72 * 3600)
		snprintf(text.text, sizeof(text.text), "%u h %u min", (uint32_t)(seconds / 3600),
				(uint32_t)(seconds / 60 % 60));
	else
		snprintf(text.text, sizeof(text.text), "%llu d %u h",
				(unsigned long long)(seconds / 86400),
				(uint32_t)(seconds / 3600 % 24));
	return text;
}

struct summary_text
summary_text_size(double value, const char *unit)
{
	static const char *const prefixes[] = { "", "k", "M", "G", "T", "P", "E" };
	struct summary_text text;
	uint32_t power = 0;

	for (; value >= 999.5 && power < 6; power++)
		value /= 1000;
	if (power > 0)
		return three_digits(value, prefixes[power], unit);
	snprintf(text.text, sizeof(text.text), "%.0f %s", value, unit);
	return text;
}

struct summary_text
summary_text_share(uint64_t part, uint64_t whole)
{
	double percent = whole > 0 ? 100.0 * (double)part / (double)whole : 0;
	struct summary_text text;

	if (part > 0 && percent < 0.1)
		return (struct summary_text){ "< 0.1 %" };
	if (part < whole && percent > 99.9)
		return (struct summary_text){ "> 99.9 %" };
	snprintf(text.text, sizeof(text.text), "%.1f %%", percent);
	return text;
}

static int
wider(int width, const char *text)
{
	int len = (int)strlen(text);

	return len > width ? len : width;
}

void
summary_text_rows(FILE *out, const struct summary_row *rows, uint32_t count, uint64_t whole)
{
	int word_width = 0, count_width = 0;

	for (uint32_t i = 0; i < count; i++) {
		if (rows[i].count == 0)
			continue;
		word_width = wider(word_width, rows[i].word);
		count_width = wider(count_width, summary_text_count(rows[i].count).text);
	}
	for (uint32_t i = 0; i < count; i++) {
		if (rows[i].count == 0)
			continue;
		fprintf(out, "  %-*s  %*s", word_width, rows[i].word, count_width,
				summary_text_count(rows[i].count).text);
		if (whole > 0)
			fprintf(out, "  %8s", summary_text_share(rows[i].count, whole).text);
		fprintf(out, "%s%s\n", rows[i].meaning[0] != '\0' ? "  " : "", rows[i].meaning);
	}
}

void
summary_text_sort(struct summary_row *rows, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++) {
		struct summary_row row = rows[i];
		uint32_t at = i;

		for (; at > 0 && rows[at - 1].count < row.count; at--)
			rows[at] = rows[at - 1];
		rows[at] = row;
	}
}
