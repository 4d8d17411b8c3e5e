/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Rules between the keys of flood detection; config_check.c applies them. The layer's own.
 */

#ifndef CONFIG_CONFIG_CHECK_FLOOD_H
#define CONFIG_CONFIG_CHECK_FLOOD_H

#include "config/config_check_rule.h"

/* What a packet takes in a capture file: the record's header and the packet's first bytes. */
#define CONFIG_CAPTURE_PACKET_BYTES 144

/** A slow flood is slower than a sudden one. */
void config_check_flood_thresholds(struct check *check);

/** Detection goes by ticks, and a flood is not over before it could be told. */
void config_check_flood_times(struct check *check);

/** A program is named by its whole path, as no shell looks for it. */
void config_check_flood_hook(struct check *check);

/** The folder has room for one file at least. */
void config_check_flood_capture(struct check *check);

#endif /* CONFIG_CONFIG_CHECK_FLOOD_H */
