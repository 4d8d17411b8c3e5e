/* SPDX-License-Identifier: Apache-2.0 */

#include "pipeline/pipeline_query.h"

#include "pipeline/pipeline_flow.h"

#include <string.h>

static bool
has_endpoint(const struct flow_entry *entry, const struct pipeline_query *query, uint32_t n)
{
	if (query->has_address &&
			memcmp(entry->addr[n], query->address, sizeof(query->address)) != 0)
		return false;
	return query->port == 0 || entry->port[n] == query->port;
}

static bool
is_asked_for(const struct flow_entry *entry, const struct pipeline_query *query)
{
	if (query->has_state && entry->state != query->state)
		return false;
	return has_endpoint(entry, query, 0) || has_endpoint(entry, query, 1);
}

static void
take_snapshot(const struct flow_table *table, uint32_t slot, struct flow_snapshot *snapshot)
{
	snapshot->entry = table->flows[slot].entry;
	snapshot->tally = table->flows[slot].tally;
	snapshot->evidence = table->evidence[slot];
}

bool
pipeline_query_step(const struct pipeline *pipeline, struct pipeline_query *query, uint32_t buckets)
{
	const struct flow_table *table = &pipeline->table;
	uint32_t slots[FLOW_TABLE_WAYS];

	for (; buckets > 0 && query->count < query->limit; buckets--) {
		int in_use = flow_table_walk(table, &query->cursor, slots);

		query->is_over = in_use < 0;
		if (query->is_over)
			return true;
		for (int i = 0; i < in_use; i++)
			if (is_asked_for(&table->flows[slots[i]].entry, query))
				take_snapshot(table, slots[i], &query->found[query->count++]);
	}
	return query->count >= query->limit;
}
