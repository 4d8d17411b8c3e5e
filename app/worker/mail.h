/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * What the control thread asks of a worker: letters in a ring, read between two bursts.
 *
 * The control thread owns a letter until it has put it into the ring, and again once `done`
 * is true; in between it is the worker's.
 */

#ifndef APP_WORKER_MAIL_H
#define APP_WORKER_MAIL_H

#include "detect/evidence_request.h"
#include "pipeline/pipeline_query.h"

#include <stdatomic.h>
#include <stdbool.h>

/* Letters that a worker's ring holds: more than are ever under way. */
#define MAIL_ROOM 64

/* Letters of MAIL_EVIDENCE that a worker deals with at a time; no more may be under way. */
#define MAIL_EVIDENCE_MAX 4

enum mail_kind {
	MAIL_RETUNE, /* go on with other parameters */
	MAIL_TRACKING, /* track, or forward without */
	MAIL_QUERY, /* find connections; takes many turns */
	MAIL_EVIDENCE, /* copy frames of an attack; takes seconds */
	MAIL_QUOTE, /* an ICMP error, which came to another worker, quotes a segment */
};

struct mail {
	enum mail_kind kind;
	union {
		struct pipeline_params retune; /* what pipeline_retune() takes of it */
		bool tracking;
		struct pipeline_query *query; /* the question and the answer */
		struct evidence_request *evidence; /* the question and the answer */
		struct segment quote;
	};
	atomic_bool done; /* worker: wo, control: ro */
};

/** The worker is done with it. */
static inline void
mail_send_back(struct mail *mail)
{
	atomic_store_explicit(&mail->done, true, memory_order_release);
}

#endif /* APP_WORKER_MAIL_H */
