/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Numbers and tables for people: digits in groups of three, times and sizes in the unit
 * that suits them, columns as wide as their widest cell.
 */

#ifndef OBSERVE_SUMMARY_TEXT_H
#define OBSERVE_SUMMARY_TEXT_H

#include <stdint.h>
#include <stdio.h>

/* Room for any number, time or size, with its zero byte. */
#define SUMMARY_TEXT_LEN 32

struct summary_text {
	char text[SUMMARY_TEXT_LEN];
};

/** 1234567 as "1,234,567". */
struct summary_text summary_text_count(uint64_t value);

/** Three digits and a unit: "264 us", "1.32 ms", "12.5 s"; from two minutes on "3 min 20 s". */
struct summary_text summary_text_time(uint64_t us);

/** Three digits and a decimal unit: "812 MB"; @p unit is "B" or "bit/s". */
struct summary_text summary_text_size(double value, const char *unit);

/** "12.3 %"; what is not zero is not said to be: "< 0.1 %"; what is not all, "> 99.9 %". */
struct summary_text summary_text_share(uint64_t part, uint64_t whole);

/* A line of a table: a word, how many, what it means. */
struct summary_row {
	const char *word;
	uint64_t count;
	const char *meaning; /* may be empty */
};

/**
 * Print rows of a count that is not 0, with their share.
 *
 * @param whole
 *   What the shares are of; 0 prints none.
 */
void summary_text_rows(FILE *out, const struct summary_row *rows, uint32_t count, uint64_t whole);

/** The same rows, largest count first; equals keep their order. */
void summary_text_sort(struct summary_row *rows, uint32_t count);

#endif /* OBSERVE_SUMMARY_TEXT_H */
