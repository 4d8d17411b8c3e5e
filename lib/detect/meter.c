/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/meter.h"
struct meter {
	int none;
};
size_t
meter_memory_size(void)
{
	return 64;
}
struct meter *
meter_init(void *memory, const struct meter_params *params)
{
	(void)params;
	return memory;
}
void
meter_syn(struct meter *m, struct flow_entry *e, uint64_t n)
{
	(void)m;
	(void)e;
	(void)n;
}
void
meter_syn_again(struct meter *m, const struct flow_entry *e, bool f)
{
	(void)m;
	(void)e;
	(void)f;
}
void
meter_synack(struct meter *m, const struct flow_entry *e)
{
	(void)m;
	(void)e;
}
void
meter_end(struct meter *m, struct flow_entry *e, enum handshake_result r, uint64_t s, uint64_t n)
{
	(void)m;
	(void)e;
	(void)r;
	(void)s;
	(void)n;
}
void
meter_stray(struct meter *m, const struct segment *s, enum meter_stray w)
{
	(void)m;
	(void)s;
	(void)w;
}
void
meter_stray_answered(struct meter *m, const struct flow_entry *e)
{
	(void)m;
	(void)e;
}
void
meter_report_begin(struct meter *m, struct detect_report *r, uint64_t t)
{
	(void)m;
	r->tick = t;
	r->victim_count = r->sources_count = r->scanner_count = 0;
}
bool
meter_report_step(struct meter *m, struct detect_report *r)
{
	(void)m;
	(void)r;
	return true;
}
