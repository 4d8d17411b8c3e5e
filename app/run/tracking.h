/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Whether workers track, or forward without: as the operator wishes, and as far as they can keep
 * up. A worker tracks if neither its load nor the operator says otherwise.
 */

#ifndef APP_RUN_TRACKING_H
#define APP_RUN_TRACKING_H

#include "app/run/control.h"

/** Forward without tracking, or track again, by the operator's wish. */
void tracking_set_bypass(struct control *control, bool bypassed);

/** Tell a worker what holds for it now. */
void tracking_post(struct control *control, uint32_t worker);

#endif /* APP_RUN_TRACKING_H */
