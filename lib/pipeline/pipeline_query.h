/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * A look into a pipeline's flow table while it works: which connections there are now.
 *
 * The owner of the pipeline takes a bounded step of the search between two bursts, so a
 * query of a large table delays no packet. What is found are copies; connections that come
 * or go while the search is under way may or may not be among them.
 */

#ifndef PIPELINE_PIPELINE_QUERY_H
#define PIPELINE_PIPELINE_QUERY_H

#include "pipeline/pipeline.h"

#include <stdbool.h>
#include <stdint.h>

/* A step stops behind a bucket, so up to a bucket's worth more than wanted may be found. */
#define PIPELINE_QUERY_LIMIT 240
#define PIPELINE_QUERY_ROOM (PIPELINE_QUERY_LIMIT + FLOW_TABLE_WAYS)

/* Zero asks for every connection. */
struct pipeline_query {
	bool has_address;
	uint8_t address[16]; /* of either side; IPv4 in the IPv4-mapped form */
	uint16_t port; /* of either side; 0: any */
	bool has_state;
	uint8_t state; /* enum hs_state */
	uint32_t limit; /* connections wanted; PIPELINE_QUERY_LIMIT at most */

	uint32_t cursor; /* the bucket to look at next */
	bool is_over; /* the whole table has been walked */
	uint32_t count; /* found so far */
	struct flow_snapshot found[PIPELINE_QUERY_ROOM];
};

/**
 * Go on with the search, for @p buckets buckets at most.
 *
 * @return
 *   Whether the search has come to an end: the table has been walked, or as many were found
 *   as wanted. Then it may be gone on with, once the caller has taken those and set count to 0.
 */
bool pipeline_query_step(
		const struct pipeline *pipeline, struct pipeline_query *query, uint32_t buckets);

#endif /* PIPELINE_PIPELINE_QUERY_H */
