/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Prometheus' text format, version 0.0.4: families of metrics, each with its samples.
 *
 * The prefix synwire_ stands before each name. A family comes once, and all its samples
 * right behind it; a sample is begun, given its labels, and ended by its value.
 *
 *   exposition_family(&text, "flows", "gauge", "Connections in the flow table");
 *   exposition_begin(&text, "flows");
 *   exposition_label(&text, "worker", "0");
 *   exposition_count(&text, 211);
 */

#ifndef OBSERVE_EXPOSITION_H
#define OBSERVE_EXPOSITION_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* What a server of this text says in Content-Type. */
#define EXPOSITION_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

struct exposition {
	FILE *out;
	bool has_labels; /* of the sample that is being written */
};

/** @param type "counter", "gauge" or "summary"; @p help is one line. */
void exposition_family(
		struct exposition *text, const char *name, const char *type, const char *help);

void exposition_begin(struct exposition *text, const char *name);

/** @param value Any text; what is no UTF-8 in it becomes question marks. */
void exposition_label(struct exposition *text, const char *key, const char *value);

void exposition_label_number(struct exposition *text, const char *key, uint32_t value);

void exposition_count(struct exposition *text, uint64_t value);

/** A share of one. */
void exposition_ratio(struct exposition *text, double ratio);

/** A time, written in seconds. */
void exposition_seconds(struct exposition *text, uint64_t us);

#endif /* OBSERVE_EXPOSITION_H */
