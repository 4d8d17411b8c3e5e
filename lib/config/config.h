/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The configuration: numbers and texts, one for each row of config_rows.h.
 *
 * Whoever takes a configuration takes it whole: a key that no file and no command line
 * set holds its default. It is one block without pointers, copied by assignment. Called by
 * the control side only.
 */

#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "base/err.h"
#include "base/err_list.h"
#include "config/config_rows.h"

#include <stddef.h>
#include <stdint.h>

struct config_words {
	uint32_t count;
	char word[CONFIG_WORDS_MAX][CONFIG_TEXT_LEN];
};

/* struct config_wires, config_outputs, config_workers ...: one of a section. */
#define CONFIG_MEMBER(section, key, member, type, ...) type##_MEMBER(member);
#define CONFIG_SECTION_STRUCT(section, rows, help) \
	struct config_##section { \
		rows(CONFIG_MEMBER, section) \
	};
#define CONFIG_LIST_STRUCT(section, item, rows, max, help) \
	CONFIG_SECTION_STRUCT(section, rows, help)
CONFIG_SECTIONS(CONFIG_SECTION_STRUCT, CONFIG_SECTION_STRUCT, CONFIG_LIST_STRUCT)
#undef CONFIG_LIST_STRUCT
#undef CONFIG_SECTION_STRUCT
#undef CONFIG_MEMBER

/* wire_count of wires[], output_count of outputs[]; the keys without a section are in top. */
struct config {
#define CONFIG_SECTION_MEMBER(section, rows, help) struct config_##section section;
#define CONFIG_LIST_MEMBER(section, item, rows, max, help) \
	size_t item##_count; \
	struct config_##section section[max];
	CONFIG_SECTIONS(CONFIG_SECTION_MEMBER, CONFIG_SECTION_MEMBER, CONFIG_LIST_MEMBER)
#undef CONFIG_LIST_MEMBER
#undef CONFIG_SECTION_MEMBER
};

/* The values of choices, in their order. */
enum config_mode {
	CONFIG_MODE_MONITOR,
	CONFIG_MODE_BYPASS,
};

enum config_fail {
	CONFIG_FAIL_OPEN,
	CONFIG_FAIL_CLOSED,
};

enum config_output {
	CONFIG_OUTPUT_FILE,
	CONFIG_OUTPUT_STDOUT,
	CONFIG_OUTPUT_UNIX_STREAM,
	CONFIG_OUTPUT_UNIX_DGRAM,
};

enum config_event {
	CONFIG_EVENT_INCOMPLETE_HANDSHAKE = 1 << 0,
	CONFIG_EVENT_RST = 1 << 1,
	CONFIG_EVENT_CONNECTION = 1 << 2,
	CONFIG_EVENT_WIRE = 1 << 3,
	CONFIG_EVENT_STATS = 1 << 4,
	CONFIG_EVENT_SYN_FLOOD = 1 << 5,
	CONFIG_EVENT_SCAN = 1 << 6,
	CONFIG_EVENT_STORM = 1 << 7,
};

enum config_steering {
	CONFIG_STEERING_RSS,
	CONFIG_STEERING_SOFTWARE,
};

enum config_idle {
	CONFIG_IDLE_POLL,
	CONFIG_IDLE_PAUSE,
	CONFIG_IDLE_SLEEP,
};

enum config_events_rst {
	CONFIG_EVENTS_RST_NOTABLE,
	CONFIG_EVENTS_RST_ALL,
};

/** Every key at its default; no wires and no outputs. */
void config_defaults(struct config *config);

/**
 * Read a file over what @p config holds; keys that it does not name stay, and a list that it
 * names takes the place of the whole list before.
 *
 * @param errors
 *   Gets a sentence for each mistake, "FILE:LINE: KEY: must be ..., got ..."; may be NULL.
 * @return
 *   0; -EINVAL for a file that says something wrong; another negative errno value for one
 *   that cannot be read. @p config is then as it was.
 */
int config_load(struct config *config, const char *path, struct err_list *errors);

/**
 * Take from a file all that is right in it, for the sake of one key: what is wrong elsewhere is
 * somebody else's to tell.
 *
 * @param path
 *   Read as far as it is YAML.
 * @param key
 *   Such as "control.socket"; no list, and none within a list.
 * @param errors
 *   Gets a sentence for each mistake, also if 0 is returned; may be NULL.
 * @return
 *   0: @p key is what the file says, or what it was if the file does not name it. Otherwise a
 *   negative errno value, and @p config is as it was: the file cannot be read, says something
 *   wrong of @p key, or nothing before it stops being YAML.
 */
int config_peek(struct config *config, const char *path, const char *key, struct err_list *errors);

/**
 * Set one key, as `--set KEY=VALUE` does: no list, and none within a list.
 *
 * @param path
 *   Section and key, such as "tcp.syn_retries", or a key without section.
 * @param text
 *   The value as a file would have it.
 */
int config_set(struct config *config, const char *path, const char *text, struct err *err);

#endif /* CONFIG_CONFIG_H */
