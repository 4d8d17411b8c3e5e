/* SPDX-License-Identifier: Apache-2.0 */

#include "observe/text.h"

/* Two digits at a time halves the divisions, which are what a number costs. */
static const char pairs[] = "00010203040506070809"
			    "10111213141516171819"
			    "20212223242526272829"
			    "30313233343536373839"
			    "40414243444546474849"
			    "50515253545556575859"
			    "60616263646566676869"
			    "70717273747576777879"
			    "80818283848586878889"
			    "90919293949596979899";

/* The least number of n + 1 digits. */
static const uint64_t powers_of_ten[] = { 0, 10, UINT64_C(100), UINT64_C(1000), UINT64_C(10000),
	UINT64_C(100000), UINT64_C(1000000), UINT64_C(10000000), UINT64_C(100000000),
	UINT64_C(1000000000), UINT64_C(10000000000), UINT64_C(100000000000),
	UINT64_C(1000000000000), UINT64_C(10000000000000), UINT64_C(100000000000000),
	UINT64_C(1000000000000000), UINT64_C(10000000000000000), UINT64_C(100000000000000000),
	UINT64_C(1000000000000000000), UINT64_C(10000000000000000000) };

/* From the number of bits: 1233 / 4096 is the logarithm of 2 to the base 10. */
static uint32_t
count_digits(uint64_t value)
{
	uint32_t bits = 64 - (uint32_t)__builtin_clzll(value | 1);
	uint32_t digits = bits * 1233 >> 12;

	return digits + (value >= powers_of_ten[digits]);
}

char *
text_u64(uint64_t value, char *out)
{
	char *end, *p;

	if (value < 10) {
		*out = (char)('0' + value);
		return out + 1;
	}
	end = p = out + count_digits(value);
	for (; value >= 100; value /= 100)
		memcpy(p -= 2, &pairs[2 * (value % 100)], 2);
	if (value >= 10)
		memcpy(p - 2, &pairs[2 * value], 2);
	else
		p[-1] = (char)('0' + value);
	return end;
}

char *
text_i64(int64_t value, char *out)
{
	if (value >= 0)
		return text_u64((uint64_t)value, out);
	*out = '-';
	return text_u64(0 - (uint64_t)value, out + 1);
}
