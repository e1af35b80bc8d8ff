/*
 * The address parser.  What it finds in a text is shown with the local part
 * and the domain in braces, mailboxes parted by " | ", and "!" before what
 * cannot be read.  All that is read in one way is read in the other as well.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "address.h"
#include "domain.h"
#include "plain_list.h"
#include "portable_list.h"

static void
add(struct text *t, struct span s)
{
	assert_int_equal(text_add_span(t, s), 0);
}

static void
add_mailbox(struct text *t, const struct address *a)
{
	const char *end = a->mailbox.s + a->mailbox.len, *s;

	add(t, span_between(a->mailbox.s, a->local.s));
	add(t, span_of("{"));
	add(t, a->local);
	add(t, span_of("}"));
	s = a->local.s + a->local.len;
	if (a->domain.len > 0) {
		add(t, span_between(s, a->domain.s));
		add(t, span_of("{"));
		add(t, a->domain);
		add(t, span_of("}"));
		s = a->domain.s + a->domain.len;
	}
	add(t, span_between(s, end));
}

static void
assert_same_span(struct span a, struct span b)
{
	assert_ptr_equal(a.s, b.s);
	assert_int_equal(a.len, b.len);
}

static void
assert_same_address(const struct address *a, const struct address *b)
{
	assert_same_span(a->mailbox, b->mailbox);
	assert_same_span(a->local, b->local);
	assert_same_span(a->domain, b->domain);
}

/* The short way and the long one find the same. */
static void
assert_both_ways_agree(struct span text)
{
	struct address_parser quick, plodding;
	struct address a = { { NULL, 0 }, { NULL, 0 }, { NULL, 0 } }, b = a;
	enum address_found found;

	address_begin(&quick, text);
	address_begin(&plodding, text);
	plodding.plodding = true;
	do {
		found = address_next(&quick, &a);
		assert_int_equal(address_next(&plodding, &b), found);
		assert_ptr_equal(quick.s, plodding.s);
		if (found == ADDRESS_FOUND)
			assert_same_address(&a, &b);
		else if (found == ADDRESS_UNREADABLE)
			assert_same_span(a.mailbox, b.mailbox);
	} while (found != ADDRESS_END);
}

static void
assert_finds(struct span text, const char *expected)
{
	struct text shown = { 0 };
	struct address_parser p;
	struct address a;
	enum address_found found;

	assert_both_ways_agree(text);
	address_begin(&p, text);
	while ((found = address_next(&p, &a)) != ADDRESS_END) {
		if (shown.len > 0)
			add(&shown, span_of(" | "));
		if (found == ADDRESS_FOUND) {
			add_mailbox(&shown, &a);
		} else {
			add(&shown, span_of("!"));
			add(&shown, a.mailbox);
		}
	}
	assert_int_equal(text_add_byte(&shown, '\0'), 0);
	assert_string_equal(shown.s, expected);
	text_free(&shown);
}

/* In memory that ends with the text, for a sanitizer to see what is read. */
static void
assert_finds_alone(struct span text, const char *expected)
{
	char *alone = malloc(text.len > 0 ? text.len : 1);

	assert_non_null(alone);
	memcpy(alone, text.s, text.len);
	assert_finds((struct span){ alone, text.len }, expected);
	free(alone);
}

/* What stands behind a text is no part of it, whatever it would be there. */
static void
assert_reads_span(struct span text, const char *expected)
{
	static const char behind[] = "a.@\"\\()[]<>,;: \r\n\0";
	struct text longer = { 0 };
	size_t i;

	for (i = 0; i < sizeof(behind); i++) {
		longer.len = 0;
		add(&longer, text);
		add(&longer, (struct span){ behind + i, 1 });
		assert_finds((struct span){ longer.s, text.len }, expected);
	}
	text_free(&longer);
	assert_finds_alone(text, expected);
}

static void
assert_reads(const char *text, const char *expected)
{
	assert_reads_span(span_of(text), expected);
}

static void
an_addr_spec_is_found_alone(void **state)
{
	(void)state;
	assert_reads("a@b", "{a}@{b}");
	assert_reads("john.doe@example.com", "{john.doe}@{example.com}");
	assert_reads("!#$%&'*+-/=?^_`{|}~@x", "{!#$%&'*+-/=?^_`{|}~}@{x}");
	assert_reads("  a@b\t", "{a}@{b}");
}

static void
mailboxes_are_separated_by_commas(void **state)
{
	(void)state;
	assert_reads("a@b, c@d,e@f", "{a}@{b} | {c}@{d} | {e}@{f}");
}

static void
empty_elements_of_a_list_are_nothing(void **state)
{
	(void)state;
	assert_reads("", "");
	assert_reads(" , ,\t,", "");
	assert_reads(",a@b,,(nothing), c@d,", "{a}@{b} | {c}@{d}");
}

static void
a_display_name_belongs_to_the_mailbox(void **state)
{
	(void)state;
	assert_reads("Jane Doe <j@x>", "Jane Doe <{j}@{x}>");
	assert_reads("\"Doe, Jane\" <j@x>, b@y",
	    "\"Doe, Jane\" <{j}@{x}> | {b}@{y}");
	assert_reads("\"a \\\" b@c\" <j@x>", "\"a \\\" b@c\" <{j}@{x}>");
	assert_reads("=?utf-8?q?J=2C?= <j@x>", "=?utf-8?q?J=2C?= <{j}@{x}>");
}

static void
display_names_may_hold_what_they_should_quote(void **state)
{
	(void)state;
	assert_reads("John Q. Public <j@x>", "John Q. Public <{j}@{x}>");
	assert_reads("john@x.com <j@x>", "john@x.com <{j}@{x}>");
	assert_reads("[Work] J \\ K <j@x>", "[Work] J \\ K <{j}@{x}>");
	assert_reads("J\xf6rg \xff <j@x>", "J\xf6rg \xff <{j}@{x}>");
	assert_reads("a@b@c <j@x>, d@e", "a@b@c <{j}@{x}> | {d}@{e}");
	assert_reads("J@ Doe <j@x>", "J@ Doe <{j}@{x}>");
}

static void
a_comment_stands_anywhere(void **state)
{
	(void)state;
	assert_reads("(a) j (b) @ (c) x (d)", "(a) {j} (b) @ (c) {x} (d)");
	assert_reads("j(a).(b)k@x(c).(d)y", "{j(a).(b)k}@{x(c).(d)y}");
	assert_reads("(a (nested, (deep)) \\) b) j@x",
	    "(a (nested, (deep)) \\) b) {j}@{x}");
	assert_reads("J (x <no@no>) <(a)j@x(b)> (c)",
	    "J (x <no@no>) <(a){j}@{x}(b)> (c)");
}

static void
folding_is_white_space(void **state)
{
	(void)state;
	assert_reads("a@b,\r\n\tJ\r\n D <c@d>\n\t",
	    "{a}@{b} | J\r\n D <{c}@{d}>");
	assert_reads("a\r\n .b @ c .\n d", "{a\r\n .b} @ {c .\n d}");
	assert_reads("a\rb@x", "a\r{b}@{x}");
}

static void
a_group_is_its_members(void **state)
{
	(void)state;
	assert_reads("Friends: a@b, J <c@d>;, e@f",
	    "{a}@{b} | J <{c}@{d}> | {e}@{f}");
	assert_reads("undisclosed-recipients:;", "");
	assert_reads("\"a: b\":c@d;(x)", "{c}@{d}");
}

static void
a_source_route_is_passed_over(void **state)
{
	(void)state;
	assert_reads("<@a,@b:user@c>", "<@a,@b:{user}@{c}>");
	assert_reads("<@a.b , ,@c : user@d>", "<@a.b , ,@c : {user}@{d}>");
}

static void
a_local_part_may_be_quoted(void **state)
{
	(void)state;
	assert_reads("\"john doe\"@x", "{\"john doe\"}@{x}");
	assert_reads("\"a@b,c\"@x", "{\"a@b,c\"}@{x}");
	assert_reads("\"a\".b.\"c\"@x", "{\"a\".b.\"c\"}@{x}");
	assert_reads("\"\"@x", "{\"\"}@{x}");
	assert_reads("\"\\\"\"@x", "{\"\\\"\"}@{x}");
	assert_reads_span((struct span){ "\"\\\0\"@x", 6 }, "{\"\\");
}

static void
a_domain_may_be_a_literal(void **state)
{
	(void)state;
	assert_reads("a@[192.0.2.1]", "{a}@{[192.0.2.1]}");
	assert_reads("a@[IPv6:2001:db8::1]", "{a}@{[IPv6:2001:db8::1]}");
	assert_reads("a@[x \\] , y], b@c", "{a}@{[x \\] , y]} | {b}@{c}");
	assert_reads("a@[x[y], b@c", "!a@[x[y] | {b}@{c}");
	assert_reads("a@[x\\[y]", "{a}@{[x\\[y]}");
	assert_reads("a@[x]y, b@c", "!a@[x]y | {b}@{c}");
}

static void
dots_may_run_on_in_a_local_part(void **state)
{
	(void)state;
	assert_reads("a..b@x", "{a..b}@{x}");
	assert_reads("a.@x", "{a.}@{x}");
	assert_reads(".a@x", "{.a}@{x}");
}

static void
a_final_dot_is_part_of_the_domain(void **state)
{
	(void)state;
	assert_reads("a@b.com.", "{a}@{b.com.}");
	assert_reads("<a@b.com.>", "<{a}@{b.com.}>");
	assert_reads("a@b..com, c@d", "!a@b..com | {c}@{d}");
}

static void
lost_brackets_are_borne(void **state)
{
	(void)state;
	assert_reads("John Doe j@x", "John Doe {j}@{x}");
	assert_reads("John <j@x, a@b", "John <{j}@{x} | {a}@{b}");
	assert_reads("j@x>, a@b", "{j}@{x}> | {a}@{b}");
	assert_reads("John j@x (c) >, a@b", "John {j}@{x} (c) > | {a}@{b}");
}

static void
an_address_may_have_no_domain(void **state)
{
	(void)state;
	assert_reads("root, <staff>, J <joe>",
	    "{root} | <{staff}> | J <{joe}>");
	assert_reads("John Doe, a@b", "!John Doe | {a}@{b}");
}

static void
the_null_address_is_empty(void **state)
{
	struct address_parser p;
	struct address a;

	(void)state;
	assert_reads("<>", "<{}>");
	assert_reads("< (x) >, a@b", "<{} (x) > | {a}@{b}");
	address_begin(&p, span_of("<>"));
	assert_int_equal(address_next(&p, &a), ADDRESS_FOUND);
	assert_true(address_is_null(&a));
}

static void
semicolons_separate_as_well(void **state)
{
	(void)state;
	assert_reads("a@b; J <c@d>;", "{a}@{b} | J <{c}@{d}>");
}

static void
what_is_unreadable_ends_at_its_comma(void **state)
{
	(void)state;
	assert_reads("a@b c@d, e@f", "!a@b c@d | {e}@{f}");
	assert_reads("a@b name, e@f", "!a@b name | {e}@{f}");
	assert_reads("a@, e@f", "!a@ | {e}@{f}");
	assert_reads("@b, e@f", "!@b | {e}@{f}");
	assert_reads("a@@b, e@f", "!a@@b | {e}@{f}");
	assert_reads("user@host:path, e@f", "!user@host:path | {e}@{f}");
	assert_reads("<a@b> <c@d>, e@f", "<{a}@{b}> | !<c@d> | {e}@{f}");
	assert_reads("<a b>, e@f", "!<a b> | {e}@{f}");
	assert_reads("<@a user@c>, e@f", "!<@a user@c> | {e}@{f}");
	assert_reads("a\x01" "b@x, e@f", "!a\x01" "b@x | {e}@{f}");
	assert_reads("a\\@b@x, e@f", "!a\\@b@x | {e}@{f}");
	assert_reads("\"a\"b@x, e@f", "!\"a\"b@x | {e}@{f}");
}

static void
a_comma_in_quotes_does_not_end_what_is_unreadable(void **state)
{
	(void)state;
	assert_reads("a@@b \"x, y@z\" (c, d@e), f@g",
	    "!a@@b \"x, y@z\" (c, d@e) | {f}@{g}");
}

static void
what_is_never_closed_ends_at_its_comma(void **state)
{
	(void)state;
	assert_reads("\"J <j@x>, a@b", "!\"J <j@x> | {a}@{b}");
	assert_reads("(J <j@x>, a@b", "!(J <j@x> | {a}@{b}");
	assert_reads("a@[b, c@d", "!a@[b | {c}@{d}");
	assert_reads("((x) j@x, (ok) a@b", "!((x) j@x | (ok) {a}@{b}");
	assert_reads("(\\", "!(\\");
	assert_reads("\"\\", "!\"\\");
	assert_reads("\"", "!\"");
}

static void
a_nul_is_a_byte_like_any_other(void **state)
{
	const struct span text = { "a\0b@x, c@d", 10 };
	struct address_parser p;
	struct address a;

	(void)state;
	address_begin(&p, text);
	assert_int_equal(address_next(&p, &a), ADDRESS_UNREADABLE);
	assert_int_equal(a.mailbox.len, 5);
	assert_int_equal(address_next(&p, &a), ADDRESS_FOUND);
	assert_int_equal(address_next(&p, &a), ADDRESS_END);
}

/* What is passed over, and what is left of it, is told exactly. */
static void
odd_texts_are_read_as_far_as_they_go(void **state)
{
	(void)state;
	assert_reads("a. (c) @b", "{a.} (c) @{b}");
	assert_reads("a.", "{a.}");
	assert_reads("<@ \"d, e@f\", g@h", "!<@ \"d, e@f\" | {g}@{h}");
	assert_reads("<; a@b", "!<; a@b");
	assert_reads("J <", "!J <");
	assert_reads("<a@b", "<{a}@{b}");
	assert_reads("a@", "!a@");
	assert_reads("a@[b", "!a@[b");
	assert_reads("a@b(c)", "{a}@{b}(c)");
	assert_reads("a@b (c) .d", "{a}@{b (c) .d}");
	assert_reads("a>, b@c", "!a> | {b}@{c}");
	assert_reads("<,@a:b@c>", "<,@a:{b}@{c}>");
	assert_reads("<@a", "!<@a");
	assert_reads("\"J\"<@, \"K\" <a@b>", "!\"J\"<@ | \"K\" <{a}@{b}>");
	assert_reads("<(,)@, a@b", "!<(,)@ | {a}@{b}");
	assert_reads("[ (a, b@c) \"d, e@f\", g@h",
	    "![ (a, b@c) \"d, e@f\" | {g}@{h}");
}

static void
assert_plain(const char *text, const char *local, const char *domain)
{
	const char *end = text + strlen(text), *after;
	struct address a;

	after = address_plain(text, end, &a);
	if (local == NULL) {
		assert_null(after);
		return;
	}
	assert_int_equal(a.local.len, strlen(local));
	assert_memory_equal(a.local.s, local, a.local.len);
	assert_int_equal(a.domain.len, strlen(domain));
	assert_memory_equal(a.domain.s, domain, a.domain.len);
	assert_same_span(a.mailbox, span_between(text, after));
	assert_ptr_equal(after, a.domain.s + a.domain.len);
}

static void
the_short_way_is_for_atoms_and_dots(void **state)
{
	(void)state;
	assert_plain("a@b", "a", "b");
	assert_plain("a.b@c.d>, e", "a.b", "c.d");
	assert_plain(".a..@b.c d", ".a..", "b.c");
	assert_plain("a@b@c", "a", "b");
	assert_plain("", NULL, NULL);
	assert_plain("a", NULL, NULL);
	assert_plain("a ", NULL, NULL);
	assert_plain("@a", NULL, NULL);
	assert_plain("a@", NULL, NULL);
	assert_plain("a@.b", NULL, NULL);
	assert_plain("a@b.", NULL, NULL);
	assert_plain("a@b..c", NULL, NULL);
	assert_plain("a@[b]", NULL, NULL);
	assert_plain("\"a\"@b", NULL, NULL);
}

static void
assert_means(const char *address, const char *local, const char *domain)
{
	struct text room = { 0 };
	struct address_parser p;
	struct address a;
	struct span got;

	add(&room, span_of("what was there before"));
	address_begin(&p, span_of(address));
	assert_int_equal(address_next(&p, &a), ADDRESS_FOUND);
	assert_int_equal(address_local(a.local, &room, &got), 0);
	assert_int_equal(got.len, strlen(local));
	assert_memory_equal(got.s, local, got.len);
	assert_int_equal(address_domain(a.domain, &room, &got), 0);
	assert_int_equal(got.len, strlen(domain));
	assert_memory_equal(got.s, domain, got.len);
	text_free(&room);
}

static void
assert_text(struct text *t, const char *expected)
{
	assert_int_equal(text_add_byte(t, '\0'), 0);
	assert_string_equal(t->s, expected);
	t->len = 0;
}

static void
quoting_comments_and_folding_mean_nothing(void **state)
{
	(void)state;
	assert_means("\"john.doe\"@Example.COM.", "john.doe", "example.com");
	assert_means("john(x) . doe@example (y) .com", "john.doe",
	    "example.com");
	assert_means("\"a\\\"b\\\\\\c\"@x", "a\"b\\c", "x");
	assert_means("\"a\r\n b\"@x", "a b", "x");
	assert_means("\"a\".b.\"c d\"@x", "a.b.c d", "x");
	assert_means("John.Doe@x", "John.Doe", "x");
	assert_means("a@Bc", "a", "bc");
	assert_means("a@b.c.", "a", "b.c");
	assert_means("root", "root", "");
}

static void
what_is_written_as_it_is_meant_is_not_copied(void **state)
{
	struct span local = { "a.b@c.d", 3 }, domain = { "c.dx", 3 }, meaning;
	struct text room = { 0 };

	(void)state;
	assert_int_equal(address_local(local, &room, &meaning), 0);
	assert_same_span(meaning, local);
	assert_int_equal(address_domain(domain, &room, &meaning), 0);
	assert_same_span(meaning, domain);
	local.len = 2;
	assert_int_equal(address_local(local, &room, &meaning), 0);
	assert_same_span(meaning, local);
	assert_null(room.s);
}

static void
a_literal_has_one_form(void **state)
{
	(void)state;
	assert_means("a@[192.0.2.1]", "a", "[192.0.2.1]");
	assert_means("a@[IPv6:2001:DB8:0:0::1]", "a", "[ipv6:2001:db8::1]");
	assert_means("a@[IPv6:1::2::3]", "a", "[ipv6:1::2::3]");
	assert_means("a@[ x\t\\y ]", "a", "[xy]");
	assert_means("a@[x\\]y]", "a", "[x\\]y]");
	assert_means("a@[IPv6:0001:0002:0003:0004:0005:0006:0007:0008]", "a",
	    "[ipv6:1:2:3:4:5:6:7:8]");
	assert_means("a@[IPv6:0:0:0:0:0:0:0:00000000000000000000000000000000]",
	    "a", "[ipv6:0:0:0:0:0:0:0:00000000000000000000000000000000]");
	assert_means("a@[IPv4:0::1]", "a", "[ipv4:0::1]");
	assert_means("a@[IPv6:0000:0000:0000:0000:0000:FFFF:192.168.100.228]",
	    "a", "[ipv6:::ffff:192.168.100.228]");
	assert_means("a@[IPv6:00000:0000:0000:0000:0000:FFFF:192.168.100.228]",
	    "a", "[ipv6:00000:0000:0000:0000:0000:ffff:192.168.100.228]");
}

/* RFC 5952: 4.1, 4.2.1 to 4.2.3, 4.3 and 5. */
static void
an_ipv6_address_is_as_short_as_it_can_be(void **state)
{
	(void)state;
	assert_means("a@[IPv6:0:0:0:0:0:0:0:0]", "a", "[ipv6:::]");
	assert_means("a@[IPv6:1:0:0:0:0:0:0:0]", "a", "[ipv6:1::]");
	assert_means("a@[IPv6:0:0:0:0:0:0:0A00:00b]", "a", "[ipv6:::a00:b]");
	assert_means("a@[IPv6:2001:db8::1:1:1:1:1]", "a",
	    "[ipv6:2001:db8:0:1:1:1:1:1]");
	assert_means("a@[IPv6:0:1::2]", "a", "[ipv6:0:1::2]");
	assert_means("a@[IPv6:2001:0:0:1:0:0:0:1]", "a",
	    "[ipv6:2001:0:0:1::1]");
	assert_means("a@[IPv6:2001:db8:0:0:1::1]", "a",
	    "[ipv6:2001:db8::1:0:0:1]");
	assert_means("a@[IPv6:::FFFF:102:3ff]", "a", "[ipv6:::ffff:1.2.3.255]");
	assert_means("a@[IPv6:::FFFE:1.2.3.4]", "a", "[ipv6:::fffe:102:304]");
}

/*
 * The domain may hold what the parser takes for none.  There is no room behind
 * it, so that the sanitizers see who looks there.
 */
static void
assert_canonical(const char *domain, const char *expected)
{
	size_t len = 2 + strlen(domain);
	struct text t = { malloc(len), len, len };

	assert_non_null(t.s);
	memcpy(t.s, "A@", 2);
	memcpy(t.s + 2, domain, len - 2);
	assert_int_equal(domain_canonical(&t, 2), 0);
	assert_int_equal(t.len, 2 + strlen(expected));
	assert_memory_equal(t.s, "A@", 2);
	assert_memory_equal(t.s + 2, expected, t.len - 2);
	text_free(&t);
}

static void
what_stands_before_a_domain_stays(void **state)
{
	(void)state;
	assert_canonical("Example.COM.", "example.com");
	assert_canonical("B\xc3\xbc" "cher.M\xc3\xbcnchen",
	    "xn--bcher-kva.xn--mnchen-3ya");
	assert_canonical("[IPv6:0:0::1]", "[ipv6:::1]");
	assert_canonical("[IPv6:1::2::3]", "[ipv6:1::2::3]");
	assert_canonical("[192.0.2.1]", "[192.0.2.1]");
	assert_canonical(".", ".");
	assert_canonical("a.", "a");
	assert_canonical("", "");
}

/*
 * The second half are the samples of RFC 3492, 7.1 that have no upper case,
 * and the domain of RFC 5895's introduction is the first one's kind.
 */
static void
labels_in_utf8_become_a_labels(void **state)
{
	(void)state;
	assert_means("a@b\xc3\xbc" "cher.example", "a",
	    "xn--bcher-kva.example");
	assert_means("a@B\xc3\xbc" "CHER.Example.", "a",
	    "xn--bcher-kva.example");
	assert_means("a@XN--BCHER-KVA.example", "a",
	    "xn--bcher-kva.example");
	assert_means("a@\xe4\xbb\x96\xe4\xbb\xac\xe4\xb8\xba\xe4\xbb\x80"
	    "\xe4\xb9\x88\xe4\xb8\x8d\xe8\xaf\xb4\xe4\xb8\xad\xe6\x96\x87",
	    "a", "xn--ihqwcrb4cv8a8dqg056pqjye");
	assert_means("a@\xe3\x81\x9d\xe3\x81\xae\xe3\x82\xb9\xe3\x83\x94"
	    "\xe3\x83\xbc\xe3\x83\x89\xe3\x81\xa7", "a", "xn--d9juau41awczczp");
	assert_means("a@\xf0\x9f\x92\xa9.la", "a", "xn--ls8h.la");
}

/* RFC 3492, 7.1 (A), (D) to (G), (I) and (L), in lower case. */
static void
the_samples_of_rfc_3492_are_encoded_as_it_says(void **state)
{
	(void)state;
	assert_means("a@\xd9\x84\xd9\x8a\xd9\x87\xd9\x85\xd8\xa7\xd8\xa8\xd8"
	    "\xaa\xd9\x83\xd9\x84\xd9\x85\xd9\x88\xd8\xb4\xd8\xb9"
	    "\xd8\xb1\xd8\xa8\xd9\x8a\xd8\x9f", "a",
	    "xn--egbpdaj6bu4bxfgehfvwxn");
	assert_means("a@pro\xc4\x8d" "prost\xc4\x9b" "nemluv\xc3\xad\xc4\x8d"
	    "esky", "a",
	    "xn--proprostnemluvesky-uyb24dma41a");
	assert_means("a@\xd7\x9c\xd7\x9e\xd7\x94\xd7\x94\xd7\x9d\xd7\xa4\xd7"
	    "\xa9\xd7\x95\xd7\x98\xd7\x9c\xd7\x90\xd7\x9e\xd7\x93"
	    "\xd7\x91\xd7\xa8\xd7\x99\xd7\x9d\xd7\xa2\xd7\x91\xd7"
	    "\xa8\xd7\x99\xd7\xaa", "a",
	    "xn--4dbcagdahymbxekheh6e0a7fei0b");
	assert_means("a@\xe0\xa4\xaf\xe0\xa4\xb9\xe0\xa4\xb2\xe0\xa5\x8b\xe0"
	    "\xa4\x97\xe0\xa4\xb9\xe0\xa4\xbf\xe0\xa4\xa8\xe0\xa5"
	    "\x8d\xe0\xa4\xa6\xe0\xa5\x80\xe0\xa4\x95\xe0\xa5\x8d"
	    "\xe0\xa4\xaf\xe0\xa5\x8b\xe0\xa4\x82\xe0\xa4\xa8\xe0"
	    "\xa4\xb9\xe0\xa5\x80\xe0\xa4\x82\xe0\xa4\xac\xe0\xa5"
	    "\x8b\xe0\xa4\xb2\xe0\xa4\xb8\xe0\xa4\x95\xe0\xa4\xa4"
	    "\xe0\xa5\x87\xe0\xa4\xb9\xe0\xa5\x88\xe0\xa4\x82", "a",
	    "xn--i1baa7eci9glrd9b2ae1bj0hfcgg6iyaf8o0a1dig0cd");
	assert_means("a@\xe3\x81\xaa\xe3\x81\x9c\xe3\x81\xbf\xe3\x82\x93\xe3"
	    "\x81\xaa\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe3\x82"
	    "\x92\xe8\xa9\xb1\xe3\x81\x97\xe3\x81\xa6\xe3\x81\x8f"
	    "\xe3\x82\x8c\xe3\x81\xaa\xe3\x81\x84\xe3\x81\xae\xe3"
	    "\x81\x8b", "a",
	    "xn--n8jok5ay5dzabd5bym9f0cm5685rrjetr6pdxa");
	assert_means("a@\xd0\xbf\xd0\xbe\xd1\x87\xd0\xb5\xd0\xbc\xd1\x83\xd0"
	    "\xb6\xd0\xb5\xd0\xbe\xd0\xbd\xd0\xb8\xd0\xbd\xd0\xb5"
	    "\xd0\xb3\xd0\xbe\xd0\xb2\xd0\xbe\xd1\x80\xd1\x8f\xd1"
	    "\x82\xd0\xbf\xd0\xbe\xd1\x80\xd1\x83\xd1\x81\xd1\x81"
	    "\xd0\xba\xd0\xb8", "a",
	    "xn--b1abfaaepdrnnbgefbadotcwatmq2g4l");
	assert_means("a@3\xe5\xb9\xb4" "b\xe7\xb5\x84\xe9\x87\x91\xe5\x85"
	    "\xab\xe5\x85\x88\xe7\x94\x9f", "a",
	    "xn--3b-ww4c5e180e575a65lsy2b");
}

/* As Python and libidn encode them; RFC 3492, 6.1 and 6.3. */
static void
code_points_are_encoded_at_their_limits(void **state)
{
	(void)state;
	assert_canonical("\x7f\xc3\xbc.\x7f", "xn--\x7f-eha.\x7f");
	assert_canonical("\xc2\x80", "xn--a");
	assert_canonical("\xdf\xbf", "xn--3tb");
	assert_canonical("\xe0\xa0\x80", "xn--4tb");
	assert_canonical("\xed\x9f\xbf", "xn--hb9b");
	assert_canonical("\xee\x80\x80", "xn--0y0c");
	assert_canonical("\xef\xbf\xbf", "xn--1n7c");
	assert_canonical("\xf0\x90\x80\x80", "xn--2n7c");
	assert_canonical("\xf4\x8f\xbf\xbf", "xn--dn32g");
	/* A delta that is its threshold: two digits, not one. */
	assert_canonical("\xe8\x82\x96", "xn--400a");
	/* First deltas of 9 * 700 and of 9 * 699: the damping is 700. */
	assert_canonical("\xe1\xa4\x9c\xe4\xb8\x80", "xn--9ef537v");
	assert_canonical("\xe1\xa4\x93\xe4\xb8\x80", "xn--0ef212y");
	/* One that adapts to just 455, and one to a little more. */
	assert_canonical("\xe8\x85\xb9\xe5\x9f\xab\xeb\xa4\x83",
	    "xn--ojsx08gz40b");
	assert_canonical("\xf0\xa7\xba\xba\xf0\xa9\x8c\x9b",
	    "xn--gn7ke21a");
	assert_canonical("\xf0\xa8\xae\x86\xf0\xa7\x87\xaa",
	    "xn--qy4kv88a");
}

static void
what_is_no_utf8_has_no_a_label(void **state)
{
	static const char *const bad[] = {
		"b\374cher",			/* Latin-1 */
		"\xc0\xaf",			/* overlong */
		"\xe0\x80\xaf",
		"\xf0\x80\x80\xaf",
		"\xed\xa0\x80",			/* a surrogate */
		"\xf4\x90\x80\x80",		/* past U+10FFFF */
		"\xe4\xbb",			/* cut */
		"\xbf",
	};
	struct text t = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		t.len = 0;
		add(&t, span_of(bad[i]));
		add(&t, span_of(".example"));
		assert_int_equal(domain_canonical(&t, 0), 0);
		assert_int_equal(t.len, strlen(bad[i]) + 8);
		assert_memory_equal(t.s, bad[i], strlen(bad[i]));
	}
	text_free(&t);
}

/* A label of so many times the same is n bytes long in canonical form. */
static void
assert_label(size_t ascii, size_t umlauts, size_t n)
{
	struct text t = { 0 };

	while (ascii-- > 0)
		add(&t, span_of("a"));
	while (umlauts-- > 0)
		add(&t, span_of("\xc3\xbc"));
	assert_int_equal(domain_canonical(&t, 0), 0);
	assert_int_equal(t.len, n);
	text_free(&t);
}

/* An A-label is "xn--", its ASCII and a hyphen, and three digits or more. */
static void
a_label_too_long_for_an_a_label_stays(void **state)
{
	(void)state;
	assert_label(55, 1, 63);
	assert_label(56, 1, 56 + 2);
	assert_label(59, 1, 59 + 2);
	assert_label(62, 1, 62 + 2);
	assert_label(63, 1, 63 + 2);
	assert_label(0, 57, 63);
	assert_label(0, 58, 2 * 58);
	assert_label(0, 63, 2 * 63);
	assert_label(0, 64, 2 * 64);
}

/* The sanitizers see who looks beyond either end. */
static bool
ask(bool (*question)(struct span), const char *about)
{
	size_t len = strlen(about), empty = len == 0;
	char *alone = malloc(len + empty);
	bool answer;

	assert_non_null(alone);
	memcpy(alone + empty, about, len);
	answer = question((struct span){ alone + empty, len });
	free(alone);
	return answer;
}

static void
hosts_are_names_and_ip_addresses(void **state)
{
	static const char *const good[] = { "mail", "mail.example.com",
		"a-b.c_d.example", "192.0.2.1", "[192.0.2.1]",
		"[IPv6:2001:db8::1]", "b\303\274cher.example", "1.2.com",
		"xn--bcher-kva.example", "mail.example.com.",
		"a1", "az.AZ", "[IPv6:::]", "\304\200.example",
		"[IPv6:0000:0000:0000:0000:0000:ffff:192.168.100.228]" };
	static const char *const bad[] = { "", "a.-b", "b-", "a.b-", "a{b",
		"a`b", "1.2.3.", "[", "[]", "[a]",
		"[IPv6:0:0:0:0:0:0:0:0000000000000000000000000000000000000]",
		"[IPv6:00000:0000:0000:0000:0000:ffff:192.168.100.228]",
		"0000000000000000000000000000000000000000000000.0.0.0",
		"-a.example", "a-.example",
		"a..b", ".a", "256.0.0.1", "1.2.3", "[1.2.3]", "[::1]",
		"[IPv6:1:2]", "[IPv6:::1", "a b", "a@b", "a/b", "123" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(*good); i++)
		if (!ask(domain_is_host, good[i]))
			fail_msg("%s is a host", good[i]);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (ask(domain_is_host, bad[i]))
			fail_msg("%s is no host", bad[i]);
}

/* A label of that many bytes, then more of 63 each, behind dots. */
static const char *
name_of(struct text *t, size_t first, size_t more)
{
	size_t i;

	t->len = 0;
	for (i = 0; i < first; i++)
		add(t, span_of("x"));
	for (i = 0; i < 64 * more; i++)
		add(t, span_of(i % 64 == 0 ? "." : "x"));
	return domain_unusable(text_span(t));
}

static void
names_have_the_lengths_of_rfc_1035(void **state)
{
	struct text t = { 0 };

	(void)state;
	assert_null(name_of(&t, 63, 0));
	assert_non_null(name_of(&t, 64, 0));
	assert_null(name_of(&t, 61, 3));
	assert_int_equal(t.len, 253);
	assert_non_null(name_of(&t, 62, 3));
	assert_null(domain_unusable(span_of("[192.0.2.1]")));
	assert_non_null(domain_unusable(span_of("a_b!")));
	text_free(&t);
}

static void
a_domain_is_labels_or_a_literal(void **state)
{
	static const char *const good[] = { "a", "a.b", "a.b.", "[a]", "[]",
		"[a\\]b]", "a_b!", "\303\274" };
	static const char *const bad[] = { "", ".", ".a", "a..b", "a b", "a@b",
		"[", "[a", "[a]b", "[a[b]", "[a]b]", "[a b]", "[a\tb]",
		"[a\rb]", "[a\nb]", "[a\\]", "a..", "(a)b", "\"a\"",
		"(a", "[[]", "[ a]" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(*good); i++)
		if (!ask(domain_valid, good[i]))
			fail_msg("%s is a domain", good[i]);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (ask(domain_valid, bad[i]))
			fail_msg("%s is no domain", bad[i]);
}

static void
a_local_part_is_quoted_where_it_must_be(void **state)
{
	static const char *const pairs[][2] = {
		{ "john.doe", "john.doe" },
		{ "john doe", "\"john doe\"" },
		{ "a\"b\\c", "\"a\\\"b\\\\c\"" },
		{ "a..b", "\"a..b\"" },
		{ ".a", "\".a\"" },
		{ "a.", "\"a.\"" },
		{ "", "\"\"" },
		{ "a@b", "\"a@b\"" },
		{ "a", "a" },
		{ "a.b", "a.b" },
		{ "(a", "\"(a\"" },
		{ "a(", "\"a(\"" },
		{ "a\rb\nc", "\"a\\\rb\\\nc\"" },
	};
	struct text t = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		t.len = 0;
		assert_int_equal(address_add_quoted(&t, span_of(pairs[i][0])),
		    0);
		assert_int_equal(text_add_byte(&t, '\0'), 0);
		assert_string_equal(t.s, pairs[i][1]);
	}
	text_free(&t);
}

static void
a_long_local_part_has_room_for_all_its_quoting(void **state)
{
	struct text meaning = { 0 }, t = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < 3000; i++)
		add(&meaning, span_of("\""));
	assert_int_equal(address_add_quoted(&t, text_span(&meaning)), 0);
	assert_int_equal(t.len, 6002);
	text_free(&meaning);
	text_free(&t);
}

static struct address
only_address(const char *text)
{
	struct address a;

	assert_true(address_only(span_of(text), &a));
	return a;
}

static void
an_address_alone_has_nothing_around_it(void **state)
{
	static const char *const alone[] = { "a", "a@b", "\"a b\"@c", "a@[b]",
		"a (c) . d@e", "a@b." };
	static const char *const others[] = { "", " ", "a ", " a", "a@b ",
		"<a@b>", "a@b (c)", "(c) a@b", "J <a@b>", "a@b, c@d", "a@b,",
		"a @b", "a@ b", "a b", "g: a@b;", "a@b@c", "<>" };
	struct address a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(alone) / sizeof(*alone); i++)
		if (!address_only(span_of(alone[i]), &a) ||
		    address_is_null(&a))
			fail_msg("%s is an address alone", alone[i]);
	for (i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (address_only(span_of(others[i]), &a))
			fail_msg("%s is no address alone", others[i]);
}

static void
assert_writes(const char *local, const char *domain, const char *expected)
{
	struct text t = { 0 };
	struct address a;
	size_t at;

	add(&t, span_of("what was there before"));
	assert_int_equal(address_write(&t, span_of(local), span_of(domain),
	    &a), 0);
	at = a.local.len;
	assert_same_span(a.mailbox, text_span(&t));
	assert_ptr_equal(a.local.s, t.s);
	assert_int_equal(a.domain.len, strlen(domain));
	assert_ptr_equal(a.domain.s, t.s + t.len - a.domain.len);
	assert_int_equal(t.len, at + (domain[0] != '\0') + a.domain.len);
	assert_text(&t, expected);
	text_free(&t);
}

static void
an_address_is_written_from_what_it_means(void **state)
{
	(void)state;
	assert_writes("a", "b", "a@b");
	assert_writes("a b", "c.d", "\"a b\"@c.d");
	assert_writes("a", "", "a");
	assert_writes("", "b", "\"\"@b");
	assert_writes("", "", "");
}

static void
assert_plainest(const char *address, const char *expected)
{
	struct address a = only_address(address);
	struct text t = { 0 };

	assert_int_equal(address_add(&t, a.local, a.domain), 0);
	assert_text(&t, expected);
	text_free(&t);
}

static void
the_plainest_form_has_no_comments_and_folding(void **state)
{
	struct text t = { 0 };

	(void)state;
	assert_plainest("John.Doe@Example.COM", "John.Doe@Example.COM");
	assert_plainest("\"John\".Doe@Example.COM.", "John.Doe@Example.COM");
	assert_plainest("a (b).c@d (e).f", "a.c@d.f");
	assert_plainest("\"a b\"@[ c\td ]", "\"a b\"@[cd]");
	assert_plainest("root", "root");
	assert_int_equal(address_add(&t, span_of(""), span_of("")), 0);
	assert_int_equal(t.len, 0);
}

static void
the_canonical_form_is_in_lower_case(void **state)
{
	struct text t = { 0 };
	struct address a;

	(void)state;
	a = only_address("\"John\" . DoE@B\xc3\xbc" "cher.Org.");
	add(&t, span_of("BEFORE "));
	assert_int_equal(address_add_canonical(&t, a.local, a.domain), 0);
	assert_text(&t, "BEFORE john.doe@xn--bcher-kva.org");
	a = only_address("Root");
	assert_int_equal(address_add_canonical(&t, a.local, a.domain), 0);
	assert_text(&t, "root@");
	text_free(&t);
}

static void
a_line_end_or_nul_fits_no_line(void **state)
{
	(void)state;
	assert_true(address_fits_a_line(span_of("a\t\vb\f\001@\016c")));
	assert_false(address_fits_a_line(span_of("a\rb")));
	assert_false(address_fits_a_line(span_of("a\nb")));
	assert_false(address_fits_a_line((struct span){ "a\0b", 3 }));
	assert_false(address_fits_a_line(span_of("\n")));
	assert_true(address_fits_a_line((struct span){ "ab\n", 2 }));
}

static void
assert_comments(const char *text, const char *expected)
{
	struct text t = { 0 };

	assert_int_equal(address_add_comments(&t, span_of(text)), 0);
	assert_text(&t, expected);
	text_free(&t);
}

static void
comments_are_found_inside_of_an_address(void **state)
{
	struct text t = { 0 };

	(void)state;
	assert_comments("", "");
	assert_comments("a.b", "");
	assert_comments("a (b) . (c (d))e", "(b)(c (d))");
	assert_comments("\"(a)\"(b)", "(b)");
	assert_comments("[(a)]", "");
	assert_int_equal(address_add_comments(&t, (struct span){ "a(b)", 1 }),
	    0);
	assert_int_equal(t.len, 0);
}

static bool
ends_quoting(const char *text)
{
	struct address_quoting whole = { 0 }, bytes = { 0 };
	bool at_once = address_goes_on_quoting(&whole, span_of(text));
	bool last = false;
	size_t i;

	for (i = 0; text[i] != '\0'; i++)
		last = address_goes_on_quoting(&bytes,
		    (struct span){ text + i, 1 });
	assert_int_equal(at_once, last);
	return at_once;
}

static void
a_quoted_line_end_is_known(void **state)
{
	(void)state;
	assert_true(ends_quoting(" \"a\\"));
	assert_true(ends_quoting(" (a (b\\"));
	assert_true(ends_quoting(" (a (b) \\"));
	assert_true(ends_quoting(" x@[a\\"));
	assert_false(ends_quoting(" a\\"));
	assert_false(ends_quoting(" \"a\"\\"));
	assert_false(ends_quoting(" (a) \\"));
	assert_false(ends_quoting(" x@[a]\\"));
	assert_false(ends_quoting(" \"a\\\\"));
	assert_false(ends_quoting(" \"(\"\\"));
}

static void
read_all(const char *unit, size_t times)
{
	struct text t = { 0 };
	struct address_parser p;
	struct address a;
	size_t i, n = 0;

	for (i = 0; i < times; i++)
		add(&t, span_of(unit));
	address_begin(&p, text_span(&t));
	while (address_next(&p, &a) != ADDRESS_END)
		n++;
	assert_true(n <= t.len);
	text_free(&t);
}

/*
 * What takes quadratic time would take hours here: a test that ends is one
 * that passed.
 */
static void
hostile_texts_are_read_in_linear_time(void **state)
{
	static const char *const units[] = { "(", ")", "\"", "\\", "\\\"",
		"<", ">", ",", ":", ";", "@", "a@", "a.", ".", "[", "]",
		"a@[", "(,", "\",", "<,", "<@a,", "(a)", "\"a\"", "a ",
		"a@b ", "((", "\\(", ",\"\\", "<a@b>", "<\"", "(\"", "\xff" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(units) / sizeof(*units); i++)
		read_all(units[i], 1000000);
}

/* The same numbers each time (xorshift of Marsaglia). */
static uint32_t
random_below(uint32_t n)
{
	static uint32_t x = 2463534242u;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return x % n;
}

static void
add_pieces(struct text *t, const struct span *pieces, size_t n, size_t most)
{
	size_t i = random_below((uint32_t)most);

	for (; i > 0; i--)
		add(t, pieces[random_below((uint32_t)n)]);
}

static void
the_short_way_finds_what_the_long_one_does(void **state)
{
	static const struct span pieces[] = { { "a", 1 }, { "b.c", 3 },
		{ "@", 1 }, { "@", 1 }, { "@d", 2 }, { ".", 1 }, { ",", 1 },
		{ ";", 1 }, { "<", 1 }, { ">", 1 }, { "\"", 1 }, { "\\", 1 },
		{ "(", 1 }, { ")", 1 }, { "[", 1 }, { "]", 1 }, { ":", 1 },
		{ " ", 1 }, { "\r\n\t", 3 }, { "\n", 1 }, { "\xc3\xbc", 2 },
		{ "\0", 1 }, { "E", 1 }, { "a.b@c.d", 7 } };
	struct text t = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < 300000; i++) {
		t.len = 0;
		add_pieces(&t, pieces, sizeof(pieces) / sizeof(*pieces), 16);
		assert_both_ways_agree(text_span(&t));
	}
	text_free(&t);
}

/* All of a corpus, each of its lines, and its bytes from anywhere on. */
static void
both_ways(struct span text)
{
	const char *end = text.s + text.len, *lf;

	assert_both_ways_agree(text);
	while ((lf = memchr(text.s, '\n', text.len)) != NULL) {
		assert_both_ways_agree(span_between(text.s, lf));
		text = span_between(lf + 1, end);
		assert_both_ways_agree((struct span){ text.s,
		    text.len < 400 ? text.len : 400 });
	}
}

static bool
read_file(const char *path, struct text *t)
{
	FILE *f = fopen(path, "rb");
	size_t n;

	t->len = 0;
	if (f == NULL)
		return false;
	do {
		assert_int_equal(text_reserve(t, 65536), 0);
		n = fread(t->s + t->len, 1, 65536, f);
		t->len += n;
	} while (n > 0);
	fclose(f);
	return true;
}

static void
both_ways_agree_on_the_corpora(void **state)
{
	const char *corpora = getenv("CORPORA");
	struct text path = { 0 }, file = { 0 };
	struct dirent *entry;
	DIR *dir;

	(void)state;
	if (corpora == NULL)
		skip();
	assert_int_equal(text_printf(&path, "%s/isemail.tsv%c", corpora,
	    '\0'), 0);
	assert_true(read_file(path.s, &file));
	both_ways(text_span(&file));
	path.len = 0;
	assert_int_equal(text_printf(&path, "%s/messages%c", corpora, '\0'), 0);
	assert_non_null(dir = opendir(path.s));
	while ((entry = readdir(dir)) != NULL) {
		path.len = 0;
		assert_int_equal(text_printf(&path, "%s/messages/%s%c", corpora,
		    entry->d_name, '\0'), 0);
		if (entry->d_name[0] != '.' && read_file(path.s, &file))
			both_ways(text_span(&file));
	}
	closedir(dir);
	text_free(&path);
	text_free(&file);
}

/* What every machine finds is what this one does, however many at once. */
static void
check_portable(struct span block, char line_end)
{
	struct plain_list plain, portable;
	struct address a[3], b;
	size_t i, n;

	plain_list_begin(&plain, block, line_end);
	portable_list_begin(&portable, block, line_end);
	do {
		n = plain_list_next(&plain, a, 3);
		for (i = 0; i < n; i++) {
			assert_int_equal(portable_list_next(&portable, &b, 1),
			    1);
			assert_same_address(&a[i], &b);
		}
		assert_ptr_equal(plain.line, portable.line);
	} while (n == 3);
	assert_int_equal(portable_list_next(&portable, &b, 1), 0);
}

/* Finds lines by the block, and each again by the parser.  How many? */
static size_t
check_plain_lines(struct span block, char line_end)
{
	struct address a, b;
	struct address_parser p;
	struct text room = { 0 };
	struct span meaning;
	struct plain_list plain;
	const char *s = block.s;
	size_t n = 0;

	check_portable(block, line_end);
	plain_list_begin(&plain, block, line_end);
	while (plain_list_next(&plain, &a, 1) == 1) {
		address_begin(&p, span_between(s, plain.line));
		p.end -= 1 + (line_end == '\n' && p.end[-2] == '\r');
		p.plodding = true;
		assert_int_equal(plain.line[-1], line_end);
		assert_int_not_equal(*s, '#');
		assert_int_equal(address_next(&p, &b), ADDRESS_FOUND);
		assert_same_address(&a, &b);
		assert_ptr_equal(p.s, p.end);
		assert_int_equal(address_local(a.local, &room, &meaning), 0);
		assert_same_span(a.local, meaning);
		assert_int_equal(address_domain(a.domain, &room, &meaning), 0);
		assert_same_span(a.domain, meaning);
		s = plain.line;
		n++;
	}
	text_free(&room);
	return n;
}

static void
lines_found_by_the_block_are_what_the_parser_finds(void **state)
{
	static const struct span pieces[] = { { "jane.doe@cpandl.net\n", 20 },
		{ "j_{1}+a@b-c.example\r\n", 21 }, { "a@b\n", 4 },
		{ "a..b@c\n", 7 }, { "a.@c\n", 5 }, { ".a@c\n", 5 },
		{ "\"Doe, Jane\" <jane.doe@cpandl.net> (work)\n", 41 },
		{ "Jane Doe <j@b.c>\r\n", 18 }, { "<a@b>\n", 6 },
		{ "\"\" <a@b> ()\r\n", 14 }, { "A <a@b.> (B)\n", 13 } };
	static const struct span odd[] = { { "a", 1 }, { "@", 1 },
		{ ".", 1 }, { "\r", 1 }, { "\n", 1 }, { " ", 1 }, { "B", 1 },
		{ "#", 1 }, { "\xff", 1 }, { ",", 1 }, { "a@b", 3 },
		{ "\0", 1 }, { "<", 1 }, { "\x7f", 1 }, { ">", 1 },
		{ "\"", 1 }, { "(", 1 }, { ")", 1 }, { "\\", 1 },
		{ "A ", 2 }, { "\" <", 3 }, { "> (", 3 }, { " <a@b>", 6 },
		{ "A. <", 4 }, { ":", 1 }, { ";", 1 } };
	struct text t = { 0 };
	size_t i, found = 0;

	(void)state;
	for (i = 0; i < 200000; i++) {
		t.len = 0;
		add_pieces(&t, pieces, sizeof(pieces) / sizeof(*pieces), 12);
		add_pieces(&t, odd, sizeof(odd) / sizeof(*odd), 6);
		add_pieces(&t, pieces, sizeof(pieces) / sizeof(*pieces), 20);
		found += check_plain_lines(text_span(&t), '\n');
		check_plain_lines(text_span(&t), '\0');
	}
	assert_true(found > 100000);
	text_free(&t);
}

/* Each byte at each place of two lines, others around them. */
static void
any_byte_in(const char *line)
{
	const size_t len = strlen(line);
	struct text t = { 0 };
	size_t i;
	int c;

	for (i = 0; i < 20; i++)
		add(&t, span_of(line));
	assert_true(check_plain_lines(text_span(&t), '\n') >= 10);
	for (i = len; i < 3 * len; i++)
		for (c = 0; c < 256; c++) {
			t.s[i] = (char)c;
			check_plain_lines(text_span(&t), '\n');
			t.s[i] = line[i % len];
		}
	text_free(&t);
}

static void
any_byte_is_read_alike_by_the_block(void **state)
{
	(void)state;
	any_byte_in("j-n.d_e@x.y\r\n");
	any_byte_in("\"Doe, Jane\" <j.doe@x.y> (work)\n");
	any_byte_in("J Doe <j@x>\r\n");
	any_byte_in("<j.d@x.y>\n");
}

static void
every_plain_line_is_found_by_the_block(void **state)
{
	static const char *const around[][2] = {
		{ "a", "a@example.com\n" },
		{ "\"Doe, J. 'X'\" <a", "a@example.com> (a b, c)\n" },
		{ "Jane X Doe <a", "a@example.com>\n" },
		{ "<a", "a@example.com> (c)\r\n" },
	};
	struct text t = { 0 };
	size_t i, lines = 0;

	(void)state;
	while (lines++ < 1000) {
		add(&t, span_of(around[lines % 4][0]));
		for (i = random_below(30); i > 0; i--)
			add(&t, (struct span){ &"a.-_9z"[i % 6], 1 });
		add(&t, span_of(around[lines % 4][1]));
	}
	for (i = 1; i < t.len; i++)
		if (t.s[i] == '.' && t.s[i - 1] == '.')
			t.s[i] = 'b';
	for (i = 0; i < 64; i++)
		add(&t, span_of("\n"));
	assert_int_equal(check_plain_lines(text_span(&t), '\n'), 1000);
	text_free(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_addr_spec_is_found_alone),
		cmocka_unit_test(mailboxes_are_separated_by_commas),
		cmocka_unit_test(empty_elements_of_a_list_are_nothing),
		cmocka_unit_test(a_display_name_belongs_to_the_mailbox),
		cmocka_unit_test(display_names_may_hold_what_they_should_quote),
		cmocka_unit_test(a_comment_stands_anywhere),
		cmocka_unit_test(folding_is_white_space),
		cmocka_unit_test(a_group_is_its_members),
		cmocka_unit_test(a_source_route_is_passed_over),
		cmocka_unit_test(a_local_part_may_be_quoted),
		cmocka_unit_test(a_domain_may_be_a_literal),
		cmocka_unit_test(dots_may_run_on_in_a_local_part),
		cmocka_unit_test(a_final_dot_is_part_of_the_domain),
		cmocka_unit_test(lost_brackets_are_borne),
		cmocka_unit_test(an_address_may_have_no_domain),
		cmocka_unit_test(the_null_address_is_empty),
		cmocka_unit_test(semicolons_separate_as_well),
		cmocka_unit_test(what_is_unreadable_ends_at_its_comma),
		cmocka_unit_test(
		    a_comma_in_quotes_does_not_end_what_is_unreadable),
		cmocka_unit_test(what_is_never_closed_ends_at_its_comma),
		cmocka_unit_test(a_nul_is_a_byte_like_any_other),
		cmocka_unit_test(quoting_comments_and_folding_mean_nothing),
		cmocka_unit_test(a_literal_has_one_form),
		cmocka_unit_test(an_ipv6_address_is_as_short_as_it_can_be),
		cmocka_unit_test(what_stands_before_a_domain_stays),
		cmocka_unit_test(labels_in_utf8_become_a_labels),
		cmocka_unit_test(
		    the_samples_of_rfc_3492_are_encoded_as_it_says),
		cmocka_unit_test(code_points_are_encoded_at_their_limits),
		cmocka_unit_test(what_is_no_utf8_has_no_a_label),
		cmocka_unit_test(a_label_too_long_for_an_a_label_stays),
		cmocka_unit_test(hosts_are_names_and_ip_addresses),
		cmocka_unit_test(names_have_the_lengths_of_rfc_1035),
		cmocka_unit_test(a_domain_is_labels_or_a_literal),
		cmocka_unit_test(a_local_part_is_quoted_where_it_must_be),
		cmocka_unit_test(
		    a_long_local_part_has_room_for_all_its_quoting),
		cmocka_unit_test(odd_texts_are_read_as_far_as_they_go),
		cmocka_unit_test(the_short_way_is_for_atoms_and_dots),
		cmocka_unit_test(what_is_written_as_it_is_meant_is_not_copied),
		cmocka_unit_test(an_address_alone_has_nothing_around_it),
		cmocka_unit_test(an_address_is_written_from_what_it_means),
		cmocka_unit_test(the_plainest_form_has_no_comments_and_folding),
		cmocka_unit_test(the_canonical_form_is_in_lower_case),
		cmocka_unit_test(a_line_end_or_nul_fits_no_line),
		cmocka_unit_test(comments_are_found_inside_of_an_address),
		cmocka_unit_test(a_quoted_line_end_is_known),
		cmocka_unit_test(hostile_texts_are_read_in_linear_time),
		cmocka_unit_test(the_short_way_finds_what_the_long_one_does),
		cmocka_unit_test(both_ways_agree_on_the_corpora),
		cmocka_unit_test(
		    lines_found_by_the_block_are_what_the_parser_finds),
		cmocka_unit_test(any_byte_is_read_alike_by_the_block),
		cmocka_unit_test(every_plain_line_is_found_by_the_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
