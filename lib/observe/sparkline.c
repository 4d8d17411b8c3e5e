/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/sparkline.h"

#include "base/compiler.h"
#include "observe/text.h"

/* From the lowest to the highest; U+2581 to U+2588. */
static const char *const blocks[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
static const char *const signs[] = { "_", ".", ":", "-", "=", "+", "*", "#" };

/* What is more than nothing has a higher bar than nothing; else to the nearest. */
static uint32_t
bar_of(uint64_t value, uint64_t highest)
{
	const uint32_t bars = ARRAY_LEN(blocks);

	if (value == 0 || highest == 0)
		return 0;
	if (value >= highest)
		return bars - 1;
	return 1 + (uint32_t)((double)value / (double)highest * (bars - 2) + 0.5);
}

struct sparkline
sparkline_draw(const uint64_t *values, uint32_t count, uint64_t highest, bool utf8)
{
	struct sparkline line;
	char *p = line.text;

	for (uint32_t i = count > SPARKLINE_BARS ? count - SPARKLINE_BARS : 0; i < count; i++) {
		const uint32_t bar = bar_of(values[i], highest);

		p = text_string(utf8 ? blocks[bar] : signs[bar], p);
	}
	*p = '\0';
	return line;
}
