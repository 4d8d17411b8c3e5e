/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Words with blanks between them, as choices and defaults stand in the rows. The layer's own.
 */

#ifndef CONFIG_CONFIG_WORD_H
#define CONFIG_CONFIG_WORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The length of the nth word, and where it begins; 0: there are fewer. */
size_t config_word_nth(const char *words, uint64_t n, const char **word);

/** Which of the words @p text is. */
bool config_word_find(const char *words, const char *text, uint64_t *n);

/** "a, b or c" of "a b c". */
void config_word_enumerate(const char *words, char *text, size_t size);

#endif /* CONFIG_CONFIG_WORD_H */
