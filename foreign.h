/*
 * A foreign table while it is imported: what its formats have in common.  A
 * format's convert() is given one line, and puts the rules that are equal to
 * it together, piece by piece: a pattern, then a route, then foreign_end().
 *
 * Memory that gives out is kept in error, and nothing more is added then, so
 * that it needs to be looked at once for each line.
 */
#ifndef FOREIGN_H
#define FOREIGN_H

#include "address.h"
#include "import.h"
#include "rules.h"

/* The columns of a table of comma-separated values, from 1; 0: not there. */
struct foreign_columns {
	char separator;
	size_t internal, external, exceptions, outbound_only;
};

struct foreign {
	const struct import_reports *reports;
	struct span domain;	/* for local parts without one, or empty */
	struct rules *rules;	/* what was written, to find errors in it */
	size_t line;		/* where what is converted begins, from 1 */
	int error;		/* errno, or 0 */
	bool unequal;		/* this line has been told of */
	struct text rule;	/* what is being put together */
	struct text made;	/* the rules of this line */
	struct text later;	/* those that have to stand behind all others */
	struct text local, name;	/* of a mailbox */
	struct text work;
	struct text message;
	struct text fields[2];	/* of a record of comma-separated values */
	bool quoted;		/* what was read ends within quotes */
	struct foreign_columns columns;
};

struct import_format {
	const char *name;
	void (*convert)(struct foreign *, struct span line);
	bool (*is_comment)(struct span line);
	/* Whether a line goes on with the one before. */
	bool (*goes_on)(const struct foreign *, struct span line);
};

/* Those of each family; NULL names end them. */
extern const struct import_format import_exchange[];
extern const struct import_format import_csv[];
extern const struct import_format import_postfix[];
extern const struct import_format import_sendmail[];
extern const struct import_format import_aliases[];

/* "user@domain", "@domain" (then local is empty) or "user". */
struct mailbox {
	struct span local;	/* as what it means */
	struct span domain;	/* as written */
};

/* For whom a rule is. */
enum roles { RECIPIENTS = 1, SENDERS = 2, EVERYBODY = 3 };

/* Tells what has no equal: something quoted, and why. */
void foreign_complain(struct foreign *, struct span what, const char *, ...)
    PRINTF_LIKE(3, 4);

/*
 * Reads a mailbox from a text that is not empty.  One without a domain gets
 * the one there is for it.  It is valid until the next call.  false if it is
 * none, which was told then.
 */
bool foreign_mailbox(struct foreign *, struct span text, struct mailbox *);

/* Whether this can be a domain; if not, that was told. */
bool foreign_domain(struct foreign *, struct span text);

/* Append to the rule. */
void foreign_add(struct foreign *, const char *);
void foreign_add_span(struct foreign *, struct span);

/* The pattern for a mailbox, for those roles, and what separates its route. */
void foreign_add_pattern(struct foreign *, enum roles, const struct mailbox *);

/*
 * The pattern for a domain, or with a dot before it for those below it; and
 * what separates its route.  false if it is none, which was told then.
 */
bool foreign_add_domains(struct foreign *, struct span key);

/* The mailbox as a target. */
void foreign_add_target(struct foreign *, const struct mailbox *);

/* A target: its local part may have captures, other '$' in it are doubled. */
void foreign_add_template(struct foreign *, struct span local,
    struct span domain);

/* Appends to a text, each '$' in it doubled, as it means itself. */
void foreign_escape(struct foreign *, struct text *, struct span);

/*
 * "forward:" for a host as Postfix and Sendmail write it: in brackets, if its
 * MX is not to be looked up, and with a port.
 */
void foreign_add_forward(struct foreign *, struct span host);

/* "reject:", with this text without its codes: "550 5.1.1 No such user". */
void foreign_add_reject(struct foreign *, struct span text);

/* Takes the code of a reply or an enhanced status code (RFC 3463) off. */
struct span foreign_skip_code(struct span text);
struct span foreign_skip_status(struct span text);

/*
 * Ends the rule: it is written if it has no error as a rule of ours, and
 * nothing was told of it.
 */
void foreign_end(struct foreign *);

/* The same, behind all that are ended by foreign_end(). */
void foreign_end_later(struct foreign *);

/*
 * Cuts a line at its first blank that is not quoted.  false if it begins with
 * one, or has nothing behind it, which was told then.
 */
bool foreign_split(struct foreign *, struct span line, struct span *key,
    struct span *value);

/* Begins with this word and ':' (case ignored); sets what is behind that. */
bool foreign_begins(struct span text, const char *word, struct span *rest);

/* These are is_comment() and goes_on() of most formats. */
bool foreign_is_comment(struct span line);
bool foreign_continues(const struct foreign *, struct span line);
bool foreign_never(const struct foreign *, struct span line);

#endif
