/* SPDX-License-Identifier: Apache-2.0 */

/**
 * @file
 * The vocabulary: what may be said of a handshake, of an end, and of a RST.
 *
 * One row of a table gives the enum and the word that is written to users; the words
 * are part of the output format, so rows are only ever added.
 */

#ifndef HANDSHAKE_VERDICT_H
#define HANDSHAKE_VERDICT_H

/* Zero is no verdict, so that a field left unset cannot pass for one. */

/* X(id, word, silent party): handshake.result, see docs/output.md for what each means. */
#define HANDSHAKE_RESULTS(X) \
	X(HANDSHAKE_COMPLETE, "complete", SILENT_NOBODY) \
	X(HANDSHAKE_SIMULTANEOUS, "simultaneous", SILENT_NOBODY) \
	X(HANDSHAKE_SERVER_SILENT, "server_silent", SILENT_SERVER) \
	X(HANDSHAKE_CLIENT_SILENT, "client_silent", SILENT_CLIENT) \
	X(HANDSHAKE_REFUSED, "refused", SILENT_NOBODY) \
	X(HANDSHAKE_REFUSED_BADACK, "refused_badack", SILENT_NOBODY) \
	X(HANDSHAKE_CLIENT_RESET, "client_reset", SILENT_NOBODY) \
	X(HANDSHAKE_SERVER_RESET, "server_reset", SILENT_NOBODY) \
	X(HANDSHAKE_CLIENT_FIN, "client_fin", SILENT_NOBODY) \
	X(HANDSHAKE_UNREACHABLE, "unreachable", SILENT_NOBODY) \
	X(HANDSHAKE_BAD_SYNACK, "bad_synack", SILENT_NOBODY) \
	X(HANDSHAKE_ODD_ANSWER, "odd_answer", SILENT_NOBODY) \
	X(HANDSHAKE_SIMULTANEOUS_INCOMPLETE, "simultaneous_incomplete", SILENT_NOBODY) \
	X(HANDSHAKE_SYNACK_ONLY, "synack_only", SILENT_NOBODY) \
	X(HANDSHAKE_SYNACK_REFUSED, "synack_refused", SILENT_NOBODY) \
	X(HANDSHAKE_NO_SYN, "no_syn", SILENT_NOBODY) \
	X(HANDSHAKE_ONE_WAY, "one_way", SILENT_UNKNOWN) \
	X(HANDSHAKE_MIDSTREAM, "midstream", SILENT_NOBODY) \
	X(HANDSHAKE_EVICTED, "evicted", SILENT_UNKNOWN)

/* X(id, word): who did not answer. "unknown": somebody, but the wire does not tell who. */
#define SILENT_PARTIES(X) \
	X(SILENT_NOBODY, "nobody") \
	X(SILENT_CLIENT, "client") \
	X(SILENT_SERVER, "server") \
	X(SILENT_UNKNOWN, "unknown")

/* X(id, word): end.how. */
#define END_HOWS(X) \
	X(END_OPEN, "open") \
	X(END_FIN_BOTH, "fin_both") \
	X(END_FIN_CLIENT, "fin_client") \
	X(END_FIN_SERVER, "fin_server") \
	X(END_RST_CLIENT, "rst_client") \
	X(END_RST_SERVER, "rst_server") \
	X(END_TIMEOUT, "timeout") \
	X(END_EVICTED, "evicted")

/* X(id, word): rst.phase, where in the connection's life the RST came. */
#define RST_PHASES(X) \
	X(RST_PHASE_HANDSHAKE, "handshake") \
	X(RST_PHASE_ESTABLISHED, "established") \
	X(RST_PHASE_CLOSING, "closing") \
	X(RST_PHASE_NO_CONNECTION, "no_connection")

/* X(id, word): rst.position, its sequence number against what the receiver expects. */
#define RST_POSITIONS(X) \
	X(RST_EXACT, "exact") \
	X(RST_WINDOW, "window") \
	X(RST_OUT, "out") \
	X(RST_POSITION_UNKNOWN, "unknown")

/* X(id, word): rst.after, whether the connection went on all the same. */
#define RST_AFTERS(X) \
	X(RST_AFTER_SILENT, "silent") \
	X(RST_AFTER_CHALLENGED, "challenged") \
	X(RST_AFTER_WENT_ON, "went_on")

/* X(id, word): rst.verdict. */
#define RST_VERDICTS(X) \
	X(RST_REFUSED, "refused") \
	X(RST_ABORTED_HANDSHAKE, "aborted_handshake") \
	X(RST_MID_CONNECTION, "mid_connection") \
	X(RST_LATE, "late") \
	X(RST_SUSPECTED_INJECTION, "suspected_injection") \
	X(RST_STRAY, "stray")

#define X(id, word) id,
enum silent_party {
	SILENT_PARTIES(X) SILENT_PARTY_COUNT
};
enum end_how {
	END_UNSET,
	END_HOWS(X) END_HOW_COUNT
};
enum rst_phase {
	RST_PHASE_UNSET,
	RST_PHASES(X) RST_PHASE_COUNT
};
enum rst_position {
	RST_POSITION_UNSET,
	RST_POSITIONS(X) RST_POSITION_COUNT
};
enum rst_after {
	RST_AFTER_UNSET,
	RST_AFTERS(X) RST_AFTER_COUNT
};
enum rst_verdict {
	RST_VERDICT_UNSET,
	RST_VERDICTS(X) RST_VERDICT_COUNT
};
#undef X

#define X(id, word, silent) id,
enum handshake_result {
	HANDSHAKE_UNSET,
	HANDSHAKE_RESULTS(X) HANDSHAKE_RESULT_COUNT
};
#undef X

/* The word of a value; "unset" for one that is none. */
const char *verdict_handshake_word(enum handshake_result result);
const char *verdict_end_word(enum end_how how);
const char *verdict_rst_phase_word(enum rst_phase phase);
const char *verdict_rst_position_word(enum rst_position position);
const char *verdict_rst_after_word(enum rst_after after);
const char *verdict_rst_word(enum rst_verdict verdict);

/** Who kept silent in a handshake with this result. */
enum silent_party verdict_silent_party(enum handshake_result result);

/** "client", "server" or "unknown"; NULL for SILENT_NOBODY. */
const char *verdict_silent_word(enum silent_party party);

#endif /* HANDSHAKE_VERDICT_H */
