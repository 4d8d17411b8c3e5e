/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * Whether what one victim sees in these ticks is a SYN flood, by what becomes of its
 * handshakes, not by how many there are.
 *
 * A handshake is expected to be resolved after the time that this victim's handshakes usually
 * take; one that is not resolved by then is unfinished. Two tests look at those:
 * - sudden: for some ticks on end hardly any handshake completes, and far more than usual are
 *   unfinished. It answers within the window, and needs a rate that is no chance.
 * - slow: a non-parametric CUSUM, after H. Wang, D. Zhang, K. Shin, "Detecting SYN flooding
 *   attacks", IEEE INFOCOM 2002: what is unfinished beyond the usual, in units of the victim's
 *   own usual traffic, less an allowance, added up for as long as it is above zero. The same
 *   threshold serves a server of ten handshakes a second and one of a million.
 */

#ifndef DETECT_JUDGE_H
#define DETECT_JUDGE_H

#include "detect/detector.h"
#include "detect/followed.h"

#include <stdbool.h>
#include <stdint.h>

/* Or-ed; none: all is ordinary. */
enum judge_finding {
	JUDGE_SUDDEN = 1 << 0,
	JUDGE_SLOW = 1 << 1,
};

/** After followed_step(): what these ticks look like, and the CUSUM goes on. */
uint32_t judge_victim(const struct detector_params *params, struct followed *victim);

/** Whether so many handshakes are left open as flood.min_slow_syn_pps wants of a flood. */
bool judge_is_enough(const struct detector_params *params, const struct followed *victim);

/** Whether nothing hints at an attack, so that the victim's usual values may be learned. */
bool judge_is_quiet(const struct followed *victim);

/** Ticks that a look at whether a flood goes on takes together. */
#define JUDGE_GOES_ON_TICKS 5

/** Whether a flood that was told is still going on. */
bool judge_goes_on(const struct detector_params *params, const struct followed *victim);

/** Whether the server answers nobody; @p ticks back. */
bool judge_is_unanswered(const struct followed *victim, uint32_t ticks);

/** Whether it answered nobody in any of these ticks that has handshakes enough to tell. */
bool judge_was_silent(const struct followed *victim, uint32_t ticks);

/** Whether there are @p factor times as many handshakes as usual, and the usual is known. */
bool judge_has_risen(const struct followed *victim, double factor, uint32_t ticks);

/** Whether it has been watched long enough for the usual to be known. */
bool judge_is_known(const struct followed *victim);

/** Whether it is known to complete handshakes. */
bool judge_was_alive(const struct followed *victim);

/** Of a few ticks: whether the victim does badly enough to be part of an attack on more. */
bool judge_is_bad(const struct detector_params *params, const struct followed *victim);

/** Completed of those that should have been by now, over the last second; 0 to 1. */
double judge_completion(const struct followed *victim);

/** The moment when it began, as far as the last ticks tell. */
uint64_t judge_onset_us(const struct followed *victim, uint32_t findings);

#endif /* DETECT_JUDGE_H */
