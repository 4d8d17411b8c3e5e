/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Whether the files of a replay can be written, and without getting in each other's way: an
 * output that is another output, or a file to be read, would destroy it.
 */

#ifndef APP_REPLAY_REPLAY_NAMES_H
#define APP_REPLAY_REPLAY_NAMES_H

#include "app/replay/replay.h"
#include "base/err.h"

/**
 * Compare by file, not by name: links and detours count.
 *
 * An output that is a link to a file not yet there shows its file only when that is made,
 * so ask again after one output has been opened.
 *
 * Nothing is made or emptied here, so that an output that cannot be opened costs no other
 * one what it holds.
 *
 * @return
 *   0; -EEXIST if two are one file, another -errno if one cannot be opened, with the
 *   sentence in @p err.
 */
int replay_names_check(const struct replay_options *options, struct err *err);

#endif /* APP_REPLAY_REPLAY_NAMES_H */
