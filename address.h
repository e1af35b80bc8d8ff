/*
 * The address parser: where the addresses are in the body of a header field,
 * a line of a list, or anything else written as an address list.
 *
 * It reads RFC 5322, 3.4 and 4.4 (comments, folding, groups, routes, quoted
 * strings, literals, obsolete forms) with the UTF-8 of RFC 6532 (any byte
 * from 128 on is an atom character), and what real mail has besides: display
 * names that hold dots, @ or brackets, dots that run on or stand at an end of
 * a local part, a domain with a final dot, a lost angle bracket, ';' for ','.
 *
 * Nothing is copied: all that it finds points into the text.  It does not
 * recurse, and its time is linear in the length of the text: what is opened
 * and never closed is looked for to the end once; from then on quoted strings
 * and comments have to close before the next comma.
 */
#ifndef ADDRESS_H
#define ADDRESS_H

#include "text.h"

struct address {
	struct span mailbox;	/* with display name, brackets and comments */
	struct span local;	/* as written; empty in "<>" */
	struct span domain;	/* as written; empty if there is none */
};

struct address_parser {
	const char *s;		/* where to go on */
	const char *end;
	const char *comma;	/* the next comma, when something is unclosed */
	bool unclosed;		/* something opened is never closed */
	bool junk;		/* no comma where one had to be */
	bool plodding;		/* the short way is not taken; for tests */
};

enum address_found {
	ADDRESS_END,		/* nothing more in this text */
	ADDRESS_FOUND,		/* *address is set */
	ADDRESS_UNREADABLE	/* address->mailbox is what was passed over */
};

/* Begins to read a text, which has to stay until the last address is used. */
void address_begin(struct address_parser *, struct span);

/*
 * Finds the next address in the text.  Local part and domain go from their
 * first byte to their last, whatever comments stand inside.  Of a mailbox
 * that cannot be read nothing is found; the next call goes on behind the
 * comma after it.
 */
enum address_found address_next(struct address_parser *, struct address *);

/*
 * The short way for what nearly every address is: an addr-spec of atoms and
 * dots, without comments, folding or quotes.  If one begins at s, sets *a to
 * all of it up to the first byte that is neither and returns what follows;
 * else NULL, which says nothing.  address_next() finds the same address if a
 * separator or the end follows.
 */
const char *address_plain(const char *s, const char *end, struct address *a);

/*
 * Whether the whole text is one address as a table has it: no display name,
 * brackets, comments or blanks around it.  Sets *address.
 */
bool address_only(struct span, struct address *);

/* Whether it is "<>", the null reverse-path of RFC 5321, 4.5.5. */
bool address_is_null(const struct address *);

/*
 * Set *meaning to a local part as what it means: without quoting, comments
 * and folding, letters as they are; or to a domain in canonical form
 * (domain.h).  That is the span itself if it is written so, else it is
 * written into the room.  0, or -1 if there is no memory.
 */
int address_local(struct span local, struct text *room, struct span *meaning);
int address_domain(struct span domain, struct text *room,
    struct span *meaning);

/*
 * Append a local part given as what it means in the form in which it is
 * written: as it is if it is a dot-atom, else as a quoted string (RFC 5321,
 * 4.1.2: the shortest form that is right).  0, or -1 if no memory.
 */
int address_add_quoted(struct text *, struct span meaning);

/*
 * Writes an address, given as what its local part means and its domain, into
 * a text from its beginning, and sets *address to it, to be used while the
 * text stays as it is.  With both empty it is "<>".  0, or -1 if no memory.
 */
int address_write(struct text *, struct span meaning, struct span domain,
    struct address *);

/* Whether a local part is written as it is meant (RFC 5322, dot-atom-text). */
bool address_is_dot_atom(struct span);

/*
 * Append an address in the plainest form in which it can be written, without
 * comments and folding; nothing for "<>".  0, or -1 if there is no memory.
 */
int address_add(struct text *, struct span local, struct span domain);

/*
 * Append the one form that all ways to write an address have in common: what
 * its local part means, in lower case, and after an @ its canonical domain.
 * 0, or -1 if there is no memory.
 */
int address_add_canonical(struct text *, struct span local,
    struct span domain);

/*
 * Whether an address can stand on a line of its own or in an SMTP command: no
 * CR, LF or NUL is quoted in what was written by address_add().
 */
bool address_fits_a_line(struct span written);

/*
 * Append the comments that stand inside a local part or domain, without the
 * folding around them.  0, or -1 if no memory.
 */
int address_add_comments(struct text *, struct span);

/* How far a text is inside of a quoted string, comment or literal. */
struct address_quoting {
	char close;		/* what would end it, or 0 */
	size_t depth;		/* of comments */
	bool after_backslash;
};

/*
 * Goes on through a text from the state that it was left in (all zeros at
 * the beginning), and returns whether it ends behind a backslash inside of
 * what is not closed: a line end that follows is quoted (RFC 5322, 4.1
 * obs-qp) and ends nothing.
 */
bool address_goes_on_quoting(struct address_quoting *, struct span);

#endif
