/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What the fuzz targets share. A target is one function that takes any bytes and comes back,
 * having held what it calls to what its header promises. libFuzzer calls it with inputs that it
 * makes up (tools/fuzz); driver.c with those of a folder, as an ordinary test.
 */

#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold, whatever the input: neither NDEBUG nor the build's type turns it off. */
#define FUZZ_REQUIRE(what) \
	do { \
		if (!(what)) { \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #what); \
			abort(); \
		} \
	} while (0)

/* What a target itself compares teaches the fuzzer nothing, and costs. */
#ifdef __clang__
#define FUZZ_UNTRACED __attribute__((no_sanitize("coverage")))
#else
#define FUZZ_UNTRACED
#endif

/* The input as numbers; behind its end all are zero. */
struct fuzz_input {
	const uint8_t *at;
	const uint8_t *end;
};

static inline bool
fuzz_is_over(const struct fuzz_input *input)
{
	return input->at == input->end;
}

static inline uint8_t
fuzz_byte(struct fuzz_input *input)
{
	return fuzz_is_over(input) ? 0 : *input->at++;
}

static inline uint32_t
fuzz_number(struct fuzz_input *input, uint32_t bytes)
{
	uint32_t number = 0;

	while (bytes-- != 0)
		number = number << 8 | fuzz_byte(input);
	return number;
}

/* The next bytes, at most so many; how many there were. */
static inline size_t
fuzz_bytes(struct fuzz_input *input, size_t most, const uint8_t **bytes)
{
	const size_t left = (size_t)(input->end - input->at);
	const size_t len = left < most ? left : most;

	*bytes = input->at;
	input->at += len;
	return len;
}

/* A copy of just its size, so that a sanitizer sees a read behind its end; never NULL. */
static inline uint8_t *
fuzz_copy(const uint8_t *bytes, size_t len)
{
	uint8_t *copy = calloc(1, len != 0 ? len : 1);

	FUZZ_REQUIRE(copy != NULL);
	if (len != 0)
		memcpy(copy, bytes, len);
	return copy;
}

/* The same as a text. */
static inline char *
fuzz_text(const uint8_t *bytes, size_t len)
{
	char *text = malloc(len + 1);

	FUZZ_REQUIRE(text != NULL);
	if (len != 0)
		memcpy(text, bytes, len);
	text[len] = '\0';
	return text;
}

#endif /* FUZZ_FUZZ_H */
