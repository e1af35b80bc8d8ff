/*
 * Answers the lookups of Postfix by the protocol of tcp_table(5).  On each
 * line of the input stands a request, "get KEY", and for each a line goes out:
 * "200 VALUE" if there is one, "500 TEXT" if there is none, or "400 TEXT" for
 * what may go better later.  In KEY, VALUE and TEXT, %XX is a byte.
 *
 * A key is an address, its local part as it is written or as it means.  One
 * without an @ is a domain, as where Postfix asks whether it is one of its
 * own, and is answered for an address in it that has no rule for itself, if a
 * rule is for that domain and not for every one; if the router gives local
 * parts a domain (-u), it is such a local part.  "*" is neither: Postfix asks
 * for it to have a transport for all that is not found.
 */
#ifndef TCP_TABLE_H
#define TCP_TABLE_H

#include "filter.h"
#include "stream.h"

enum tcp_table_value {
	/*
	 * For virtual(5): the resulting addresses, if they are not the key;
	 * of a domain, the first of those that it is routed to.
	 */
	TCP_TABLE_RCPT,

	/*
	 * For transport(5): smtp:[HOST]:PORT of forward:, error:TEXT of
	 * reject, discard:, if all of the mail goes that way.
	 */
	TCP_TABLE_TRANSPORT
};

struct tcp_table {
	enum tcp_table_value value;
	bool qualifies;		/* a key without an @ is a local part */
	size_t troubles;	/* addresses that loop, or become none */
	struct span trouble;	/* what was reported last */
};

/*
 * What the filter has to report to, with a struct tcp_table: it goes into the
 * answers, as under spawn(8) standard error is the same connection.
 */
void tcp_table_report(void *, enum trouble, size_t line, struct span);

/*
 * Answers to the end of the input, which has to be tied to the output.
 * Returns 0, or -1 if there is no memory; whether the input failed it tells
 * itself.
 */
int tcp_table_answer(struct input *, struct output *, struct filter *,
    struct tcp_table *);

#endif
