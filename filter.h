/*
 * What stands between a reader and a writer: of the texts that a reader
 * hands over, each address is found, looked up, and given to the writer with
 * what became of it; of a message, the envelope is made.
 */
#ifndef FILTER_H
#define FILTER_H

#include "router.h"
#include "spool.h"
#include "writer.h"

/*
 * A field or line of more bytes is not read as addresses, so that memory
 * does not grow with the input.
 */
enum { LONGEST_TEXT = 16 * 1024 * 1024 };

/* What the addresses in a text are. */
enum use {
	USE_LIST,		/* recipients, each for itself */
	USE_ID,			/* the same, but maybe no addresses at all */
	USE_TO,			/* recipients of a message */
	USE_RESENT,		/* those of a message that was sent again */
	USE_SENDER
};

/* Trouble that is told of, and makes the exit status. */
enum trouble {
	UNREADABLE,		/* no address list, or too long for one: 65 */
	MISLED,			/* a loop, or what is no address: 65 */
	REJECTED		/* a recipient of an envelope: 67 */
};

/* Where a message names the sender of its envelope, the best one last. */
enum sender_found { SENDER_UNKNOWN, SENDER_IN_FROM_LINE, SENDER_IN_FIELD };

struct counts {
	unsigned long long messages;
	unsigned long long addresses;
	unsigned long long rewritten;
	unsigned long long forwarded;
	unsigned long long inbound;
	unsigned long long rejected;
	unsigned long long discarded;
	unsigned long long unreadable;
};

struct filter {
	struct router *router;
	struct writer writer;

	/* The envelope, where it is given and not read from the message. */
	const struct address *recipients;
	size_t n_recipients;
	const struct address *sender;	/* or NULL */
	bool given;		/* the input itself has an envelope */

	/*
	 * Is told of trouble; the line is counted from 1, and 0 if there is
	 * none to name.
	 */
	void (*report)(void *with, enum trouble, size_t line, struct span);
	void *with;

	/* Where much is put aside. */
	struct spool_file *aside;

	struct counts counts;

	/* From here on, all zeros at the beginning. */
	struct text message;
	struct spool to, resent;	/* recipients found in the header */
	struct text found_sender;
	enum sender_found how_found;
	size_t told;		/* recipients of this message */
	struct text room;
};

/* Gives back the memory and files that the filter itself took. */
void filter_free(struct filter *);

/* Passes on bytes that hold no addresses. */
void filter_plain(struct filter *, struct span);

/*
 * Passes on a text that holds addresses and stands in that line of the
 * input.  What cannot be read of it stays as it is.  0, or -1 if there is no
 * memory.
 */
int filter_text(struct filter *, enum use, struct span text,
    const struct place *, size_t line);

/*
 * Counts the addresses found in a line of a list, if all that is to be done
 * is to pass on its bytes as plain.  false says nothing.
 */
bool filter_passes(struct filter *, const struct address *, size_t n);

/*
 * Passes on the lines of a list that hold one plain address (router.h) each,
 * at most MOST_AT_ONCE (match.h) of them, the first of them being that line of
 * the input.  *s is where that which is not yet passed on begins, and is set
 * to what is left of it: what no rule is for, and the end of a line, is for the
 * caller to pass on as plain.  0, or -1 if there is no memory.
 */
int filter_plain_lines(struct filter *, const char **s,
    const struct address *, size_t n, size_t line);

/*
 * The same as filter_text() for a text whose addresses were found already,
 * and nothing unreadable.
 */
int filter_found(struct filter *, enum use, struct span text,
    const struct address *, size_t n, const struct place *, size_t line);

/*
 * Passes on one address that stands in a text of which the bytes around it
 * are passed on as plain.  0, or -1 if there is no memory.
 */
int filter_address(struct filter *, enum use, const struct address *,
    size_t line);

/*
 * Looks up an address for a reader that puts the result out itself; counts
 * and reports.  0, or -1 if there is no memory.
 */
int filter_route(struct filter *, enum role, const struct address *,
    size_t line, struct outcome *);

/*
 * The same for a recipient of an envelope; the writer is told of it if it
 * takes recipients.
 */
int filter_recipient(struct filter *, const struct address *, size_t line,
    struct outcome *);

/*
 * A message: it begins (with what is before it, a From_ line or nothing), its
 * header ends (its lines in that way; an empty line or nothing follows, if
 * parted), bytes of its body, it ends.  It does not end if the input failed.
 * Those that return int return 0, or -1 if there is no memory.
 */
void filter_open(struct filter *, struct span before);
int filter_header_end(struct filter *, struct span line_end, bool parted);
void filter_body(struct filter *, struct span);
void filter_close(struct filter *);

/* Bytes between messages, which only who writes all of the input wants. */
void filter_outside(struct filter *, struct span);

/* The recipients that were told of come to nothing. */
void filter_forget(struct filter *);

/*
 * A sender that the message itself names; a Return-Path field counts more
 * than a From_ line, and the first more than the second.  0, or -1 if there
 * is no memory.
 */
int filter_found_sender(struct filter *, enum sender_found, struct span text);

/* Whether anybody wants to know of recipients, or of the sender. */
bool filter_wants_recipients(const struct filter *);
bool filter_wants_sender(const struct filter *);

/* The input is over, and none of it is missing. */
void filter_finish(struct filter *);

/*
 * Tells of something in that line that is UNREADABLE: what is wrong and what
 * is done about it, and the bytes that are meant.  0, or -1 if there is no
 * memory.
 */
int filter_report(struct filter *, size_t line, const char *what, struct span);

#endif
