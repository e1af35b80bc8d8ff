/*
 * The table: where an address goes.  A result is shown as the address, the
 * action and its detail, and in parentheses the lines of the rules on the
 * way; several destinations are parted by " | ".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "match.h"
#include "random_table.h"
#include "router.h"
#include "table.h"

static const struct router_options plain;

static void
add_error(void *with, const char *file, size_t line, struct span message)
{
	(void)file;
	assert_int_equal(text_printf(with, "%zu: %.*s\n", line,
	    (int)message.len, message.s), 0);
}

/* Reads a table; its errors, one a line, are appended. */
static struct rules *
read_table(const char *table, struct text *said)
{
	const struct table_errors errors = { add_error, said };

	return read_rules(span_of(table), &errors);
}

static void
show_trail(const struct router *r, const struct destination *d,
    struct text *shown)
{
	struct hop hops[16];
	size_t i, n = router_trail(r, d, hops, 16);

	for (i = 0; i < n && i < 16; i++)
		assert_int_equal(text_printf(shown, "%s%zu", i == 0 ? " (" :
		    " ", rules_line(router_rules(r), hops[i].rule)), 0);
	if (n > 0)
		assert_int_equal(text_add_byte(shown, ')'), 0);
}

static void
show(const struct router *r, const struct outcome *o, struct text *shown)
{
	static const char *const actions[] =
	    { "relay", "inbound", "forward", "reject", "discard" };
	const struct destination *d;
	size_t i;

	if (o->status != ROUTED)
		assert_int_equal(text_printf(shown, "%s at %zu",
		    o->status == LOOPED ? "loop" : "no address",
		    rules_line(router_rules(r), o->rule)), 0);
	for (i = 0; i < o->count && o->status == ROUTED; i++) {
		d = &o->destinations[i];
		assert_int_equal(text_printf(shown, "%s%.*s%s%.*s %s%s%.*s",
		    i == 0 ? "" : " | ", (int)d->local.len, d->local.s,
		    d->domain.len > 0 ? "@" : "", (int)d->domain.len,
		    d->domain.len > 0 ? d->domain.s : "", actions[d->action],
		    d->detail.len > 0 ? " " : "", (int)d->detail.len,
		    d->detail.len > 0 ? d->detail.s : ""), 0);
		show_trail(r, d, shown);
	}
	assert_int_equal(text_add_byte(shown, '\0'), 0);
}

static void
assert_goes(const char *table, const struct router_options *options,
    enum role role, const char *address, const char *expected)
{
	struct text said = { 0 }, shown = { 0 };
	struct rules *rules = read_table(table, &said);
	struct router *router = router_new(rules, options);
	struct address_parser p;
	struct address a;
	struct outcome o;

	assert_int_equal(said.len, 0);
	assert_non_null(router);
	address_begin(&p, span_of(address));
	assert_int_equal(address_next(&p, &a), ADDRESS_FOUND);
	assert_int_equal(router_route(router, role, &a, &o), 0);
	show(router, &o, &shown);
	assert_string_equal(shown.s, expected);
	text_free(&shown);
	router_free(router);
	rules_free(rules);
}

static void
goes(const char *table, const char *address, const char *expected)
{
	assert_goes(table, &plain, RECIPIENT, address, expected);
}

static void
an_address_matches_itself(void **state)
{
	static const char t[] = "user@example.com inbound\n";

	(void)state;
	goes(t, "user@example.com", "user@example.com inbound (1)");
	goes(t, "USER@EXAMPLE.com", "USER@EXAMPLE.com inbound (1)");
	goes(t, "\"user\"@example.com.", "user@example.com inbound (1)");
	goes(t, "(x)user(y)@(z)example.com", "user@example.com inbound (1)");
	goes(t, "users@example.com", "users@example.com relay");
	goes(t, "user@mail.example.com", "user@mail.example.com relay");
}

static void
a_domain_matches_itself_alone(void **state)
{
	static const char t[] = "example.com inbound\n";

	(void)state;
	goes(t, "a@Example.COM", "a@Example.COM inbound (1)");
	goes(t, "a@x.example.com", "a@x.example.com relay");
	goes(t, "a@notexample.com", "a@notexample.com relay");
	goes(t, "a@com", "a@com relay");
	goes(t, "example.com", "example.com relay");
}

static void
a_star_matches_domains_below(void **state)
{
	static const char t[] = "*.example.com inbound\n";

	(void)state;
	goes(t, "a@x.example.com", "a@x.example.com inbound (1)");
	goes(t, "a@y.x.example.com", "a@y.x.example.com inbound (1)");
	goes(t, "a@example.com", "a@example.com relay");
	goes(t, "a@xexample.com", "a@xexample.com relay");
}

static void
a_dot_matches_a_domain_and_those_below(void **state)
{
	static const char t[] = ".sea.com inbound\n";

	(void)state;
	goes(t, "user@sea.com", "user@sea.com inbound (1)");
	goes(t, "user@x.y.sea.com", "user@x.y.sea.com inbound (1)");
	goes(t, "user@chelsea.com", "user@chelsea.com relay");
}

static void
a_local_part_matches_in_any_domain_or_below_one(void **state)
{
	static const char t[] = "a@* inbound\nb@*.x discard\nc@.x keep\n";

	(void)state;
	goes(t, "a@q", "a@q inbound (1)");
	goes(t, "A@q.x", "A@q.x inbound (1)");
	goes(t, "a", "a relay");
	goes(t, "b@q.x", "b@q.x discard (2)");
	goes(t, "b@x", "b@x relay");
	goes(t, "c@x", "c@x relay (3)");
	goes(t, "c@p.q.x", "c@p.q.x relay (3)");
}

static void
stars_in_a_local_part_stand_for_anything(void **state)
{
	static const char t[] = "sales-*@x $1@y\n*-a-*@*.z $2.$1.$3@y\n"
	    "\"*\"@x inbound\n";

	(void)state;
	goes(t, "sales-bob@x", "bob@y relay (1)");
	goes(t, "SALES-Bob@x", "Bob@y relay (1)");
	goes(t, "sales-@x", "no address at 1");
	goes(t, "sales@x", "sales@x relay");
	goes(t, "sales-bob@z", "sales-bob@z relay");
	goes(t, "p-a-q-a-r@v.w.z", "q-a-r.p.v.w@y relay (2)");
	goes(t, "\"*\"@x", "*@x inbound (3)");
	goes(t, "s@x", "s@x relay");
}

static void
a_regular_expression_sees_the_whole_address(void **state)
{
	static const char t[] = "/^([a-z]+)\\.([a-z]+)@old\\.example$/ "
	    "$2.$1@new.example\n/,=\\/ / inbound\n/^root$/ root@z\n";

	(void)state;
	goes(t, "john.doe@old.example", "doe.john@new.example relay (1)");
	goes(t, "\"John.Doe\"@OLD.example", "Doe.John@new.example relay (1)");
	goes(t, "john.doe@old.example.com", "john.doe@old.example.com relay");
	goes(t, "\"a,=/ b\"@x", "\"a,=/ b\"@x inbound (2)");
	goes(t, "root", "root@z relay (3)");
	goes(t, "root@x", "root@x relay");
}

static void
a_star_matches_everything_but_the_null_sender(void **state)
{
	static const char t[] = "* inbound\nfrom:* x@y\n";

	(void)state;
	goes(t, "a@b", "a@b inbound (1)");
	goes(t, "root", "root inbound (1)");
	goes(t, "<>", " relay");
	assert_goes(t, &plain, SENDER, "a@b", "x@y relay (2)");
	assert_goes(t, &plain, SENDER, "<>", " relay");
}

static void
literals_are_domains(void **state)
{
	static const char t[] = "[192.0.2.1] inbound\n"
	    "[IPv6:2001:db8::1] discard\n";

	(void)state;
	goes(t, "a@[192.0.2.1]", "a@[192.0.2.1] inbound (1)");
	goes(t, "a@[ipv6:2001:DB8:0::1]",
	    "a@[ipv6:2001:DB8:0::1] discard (2)");
	goes(t, "a@192.0.2.1", "a@192.0.2.1 relay");
}

static void
several_patterns_share_a_route(void **state)
{
	static const char t[] = "a.x,b@x, \"c,d\"@x , /e,f/  inbound\n";

	(void)state;
	goes(t, "q@a.x", "q@a.x inbound (1)");
	goes(t, "b@x", "b@x inbound (1)");
	goes(t, "\"c,d\"@x", "\"c,d\"@x inbound (1)");
	goes(t, "\"e,f\"@q", "\"e,f\"@q inbound (1)");
}

static void
a_label_in_utf8_is_its_a_label(void **state)
{
	static const char t[] = "b\xc3\xbc" "cher.example inbound\n"
	    "xn--mnchen-3ya.example discard\nx b\xc3\xbc" "cher.example\n";

	(void)state;
	goes(t, "a@xn--bcher-kva.example",
	    "a@xn--bcher-kva.example inbound (1)");
	goes(t, "a@m\xc3\xbcnchen.example",
	    "a@m\xc3\xbcnchen.example discard (2)");
	goes(t, "a@x", "a@b\xc3\xbc" "cher.example inbound (3 1)");
}

static void
senders_and_recipients_have_rules_of_their_own(void **state)
{
	static const char t[] = "x inbound\nfrom:x y\nto:z inbound\n"
	    "from:<> postmaster@x\n";

	(void)state;
	goes(t, "a@x", "a@x inbound (1)");
	goes(t, "a@z", "a@z inbound (3)");
	assert_goes(t, &plain, SENDER, "a@x", "a@y relay (2)");
	assert_goes(t, &plain, SENDER, "a@z", "a@z relay");
	assert_goes(t, &plain, SENDER, "<>", "postmaster@y relay (4 2)");
}

static void
a_domain_replaces_the_domain(void **state)
{
	(void)state;
	goes("x New.Example\n", "John.Doe@x", "John.Doe@New.Example relay (1)");
	goes("x @inbound\n", "a@x", "a@inbound relay (1)");
	goes("x [192.0.2.1]\n", "\"a b\"@x", "\"a b\"@[192.0.2.1] relay (1)");
	goes("* x\n", "root", "root@x relay (1)");
	goes("x y.\n", "a@x", "a@y relay (1)");
}

static void
an_address_replaces_the_address(void **state)
{
	(void)state;
	goes("a@x B@y\n", "a@x", "B@y relay (1)");
	goes("a@x \"b c\"@y\n", "a@x", "\"b c\"@y relay (1)");
}

static void
the_mail_goes_to_all_targets_each_once(void **state)
{
	(void)state;
	goes("a@x b@y, @z,c@y ,B@Y\nz inbound\n", "a@x",
	    "b@y relay (1) | a@z inbound (1 2) | c@y relay (1)");
	goes("a@x b@x,c@x\nb@x d@x,e@x\nc@x d@x\n", "a@x",
	    "d@x relay (1 2) | e@x relay (1 2)");
}

static void
an_address_may_be_among_its_own_targets(void **state)
{
	(void)state;
	goes("a@x a@x, b@y\n", "A@x", "A@x relay (1) | b@y relay (1)");
	goes("x x\n", "a@x", "a@x relay (1)");
	goes("* $0\n", "root", "root relay (1)");
	goes("* $0\n", "\"a\\b\"@X.", "ab@X relay (1)");
}

static void
final_routes_end_the_way(void **state)
{
	static const char t[] = "a@x inbound\nb@x keep\nc@x reject:No such "
	    "user, sorry\nd@x reject\ne@x discard\nf@x forward:h.example:25\n"
	    "g@x forward:[IPv6:2001:db8::1]\nh@x forward:192.0.2.1\n"
	    "i@x forward:[192.0.2.1]:65535\nx z\n";

	(void)state;
	goes(t, "a@x", "a@x inbound (1)");
	goes(t, "b@x", "b@x relay (2)");
	goes(t, "c@x", "c@x reject No such user, sorry (3)");
	goes(t, "d@x", "d@x reject (4)");
	goes(t, "e@x", "e@x discard (5)");
	goes(t, "f@x", "f@x forward h.example:25 (6)");
	goes(t, "g@x", "g@x forward [IPv6:2001:db8::1] (7)");
	goes(t, "h@x", "h@x forward 192.0.2.1 (8)");
	goes(t, "i@x", "i@x forward [192.0.2.1]:65535 (9)");
	goes(t, "j@x", "j@z relay (10)");
}

static void
captures_are_filled_in(void **state)
{
	(void)state;
	goes("*@*.users.example $2@mail.example\n", "info@bob.users.example",
	    "bob@mail.example relay (1)");
	goes("*.old $1.new\n", "a@x.y.old", "a@x.y.new relay (1)");
	goes("a@* a-$1@y\n", "a@q.r", "a-q.r@y relay (1)");
	goes("*@x \"$1 (old)\"@y\n", "bob@x", "\"bob (old)\"@y relay (1)");
	goes("*@x $1@y\n", "\"a b\"@x", "\"a b\"@y relay (1)");
	goes("a@x a$$b@y\n", "a@x", "a$b@y relay (1)");
	goes("a@x \"$0\"@y\n", "a@x", "\"a@x\"@y relay (1)");
	goes("x y\n/@y$/ $0.z\n", "A@x", "A@x.z relay (1 2)");
	goes("/^(.*)\\.old$/ $1\n", "a@b.old", "a@b relay (1)");
	goes("/(q)?a@x/ b$1@y\n", "a@x", "b@y relay (1)");
	goes("*-*-*-*-*-*-*-*-*@x $9$8$1@y\n", "a-b-c-d-e-f-g-h-i@x",
	    "iha@y relay (1)");
}

static void
what_captures_make_has_to_be_an_address(void **state)
{
	(void)state;
	goes("*@x a@$1\n", "\"b c\"@x", "no address at 1");
	goes("*@x $1@y\n", "\"\"@x", "no address at 1");
	goes("*@x $1@y\n", "\"a\\\nb\"@x", "no address at 1");
}

static void
the_design_table_reroutes(void **state)
{
	static const char t[] = "# sent to             route to\n"
	    "adatum.com            inbound\n"
	    "cpandl.net            adatum.com\n"
	    "cpandl.org            adatum.com\n"
	    "internal.adatum.com   adatum.com\n";

	(void)state;
	goes(t, "administrator@cpandl.net",
	    "administrator@adatum.com inbound (3 2)");
	goes(t, "a@adatum.com", "a@adatum.com inbound (2)");
	goes(t, "a@internal.adatum.com", "a@adatum.com inbound (5 2)");
	goes(t, "a@x.cpandl.org", "a@x.cpandl.org relay");
}

static void
the_example_of_exchange_works(void **state)
{
	static const char t[] = ".ms.com forward:host1.ms.com\nms.com inbound\n"
	    ".x.ms.com inbound\n";

	(void)state;
	goes(t, "user@ms.com", "user@ms.com inbound (2)");
	goes(t, "user@sales.ms.com",
	    "user@sales.ms.com forward host1.ms.com (1)");
	goes(t, "user@abc.x.ms.com", "user@abc.x.ms.com inbound (3)");
	goes(t, "user@x.ms.com", "user@x.ms.com inbound (3)");
	goes(t, "user@pms.com", "user@pms.com relay");
}

static void
the_most_specific_rule_wins_wherever_it_stands(void **state)
{
	static const char t[] = "* 11@z\n.x 10@z\n*.b.x 9@z\n.b.x 8@z\n"
	    "a.b.x 7@z\n/q/ 6@z\nq*@a.b.x 5@z\nq@* 4@z\nq@.x 3@z\n"
	    "q@*.b.x 2@z\nq@a.b.x 1@z\nz keep\n";

	(void)state;
	goes(t, "q@a.b.x", "1@z relay (11 12)");
	goes(t, "q@c.b.x", "2@z relay (10 12)");
	goes(t, "q@b.x", "3@z relay (9 12)");
	goes(t, "q@y", "4@z relay (8 12)");
	goes(t, "qq@a.b.x", "6@z relay (6 12)");
	goes(t, "rq@a.b.x", "6@z relay (6 12)");
	goes(t, "r@a.b.x", "7@z relay (5 12)");
	goes(t, "r@c.b.x", "9@z relay (3 12)");
	goes(t, "r@b.x", "8@z relay (4 12)");
	goes(t, "r@c.x", "10@z relay (2 12)");
	goes(t, "r@y", "11@z relay (1 12)");
}

static void
stars_and_regular_expressions_go_by_the_table(void **state)
{
	(void)state;
	goes("a*@x 1@z\n/^ab/ 2@z\n", "ab@x", "1@z relay (1)");
	goes("/^ab/ 2@z\na*@x 1@z\n", "ab@x", "2@z relay (1)");
	goes("*@* 1@z\nab*@x 2@z\n", "ab@x", "1@z relay (1)");
	goes("ab*@.x 2@z\n*@q.x 1@z\n", "ab@q.x", "2@z relay (1)");
	goes("c*@q.x 1@z\n*@*.x 2@z\na*@q.x 3@z\n", "ab@q.x",
	    "2@z relay (2)");
	goes("x 1@z\n*@x 2@z\n", "a@x", "2@z relay (2)");
}

static void
extensions_are_looked_up_without_themselves(void **state)
{
	static const char t[] = "a@x b@y\na+c@x d@y\ne@* f@y\nx g@y\n"
	    "h@x i@y,j@z\nk@x y\n";
	const struct router_options plus = { .delimiters = "+-" };

	(void)state;
	assert_goes(t, &plus, RECIPIENT, "a+q@x", "b+q@y relay (1)");
	assert_goes(t, &plus, RECIPIENT, "a-q+r@x", "b-q+r@y relay (1)");
	assert_goes(t, &plus, RECIPIENT, "a+c@x", "d@y relay (2)");
	assert_goes(t, &plus, RECIPIENT, "e+q@w", "f+q@y relay (3)");
	assert_goes(t, &plus, RECIPIENT, "z+q@x", "g@y relay (4)");
	assert_goes(t, &plus, RECIPIENT, "+q@x", "g@y relay (4)");
	assert_goes(t, &plus, RECIPIENT, "h+q@x",
	    "i+q@y relay (5) | j+q@z relay (5)");
	assert_goes(t, &plus, RECIPIENT, "k+q@x", "k+q@y relay (6)");
	goes(t, "a+q@x", "g@y relay (4)");
}

static void
an_address_may_be_rewritten_once_only(void **state)
{
	static const char t[] = "x y\ny x\nz w\nw inbound\n";
	const struct router_options once = { .once = true };

	(void)state;
	assert_goes(t, &once, RECIPIENT, "a@x", "a@y relay (1)");
	assert_goes(t, &once, RECIPIENT, "a@y", "a@x relay (2)");
	assert_goes(t, &once, RECIPIENT, "a@z", "a@w inbound (3 4)");
}

static void
a_way_that_comes_round_is_a_loop(void **state)
{
	(void)state;
	goes("x y\ny x\n", "a@x", "loop at 2");
	goes("a@x b@x\nb@x c@x, a@X\n", "a@x", "loop at 2");
	goes("x q@y\nq@y z\nz x\n", "a@x", "loop at 1");
	goes("*@x $1$1@x\n", "a@x", "no address at 1");
	goes("*@x a$1@x\n", "a@x", "loop at 1");
}

static void
an_unqualified_address_may_get_a_domain(void **state)
{
	const struct router_options u = { .domain = { "Here.Example", 12 } };
	static const char t[] = "here.example inbound\n";

	(void)state;
	assert_goes(t, &u, RECIPIENT, "root",
	    "root@Here.Example inbound (1)");
	assert_goes(t, &u, RECIPIENT, "a@b", "a@b relay");
	goes(t, "root", "root relay");
}

static void
a_long_list_of_targets_goes_to_all(void **state)
{
	struct text table = { 0 }, said = { 0 };
	struct rules *rules;
	struct router *router;
	struct address a;
	struct outcome o;
	size_t i;

	(void)state;
	assert_int_equal(text_printf(&table, "all@x  "), 0);
	for (i = 0; i < 5000; i++)
		assert_int_equal(text_printf(&table, "%su%zu@y",
		    i == 0 ? "" : i % 7 == 0 ? ",\n  " : ", ", i), 0);
	assert_int_equal(text_printf(&table, "\ny z\n%c", '\0'), 0);
	rules = read_table(table.s, &said);
	assert_int_equal(said.len, 0);
	assert_non_null(router = router_new(rules, &plain));
	assert_true(address_only(span_of("all@x"), &a));
	assert_int_equal(router_route(router, RECIPIENT, &a, &o), 0);
	assert_int_equal(o.status, ROUTED);
	assert_int_equal(o.count, 5000);
	assert_true(span_equal(o.destinations[4999].local, span_of("u4999")));
	assert_true(span_equal(o.destinations[4999].domain, span_of("z")));
	router_free(router);
	rules_free(rules);
	text_free(&table);
}

static void
a_long_chain_is_no_loop(void **state)
{
	struct text table = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < 900; i++)
		assert_int_equal(text_printf(&table, "d%zu d%zu\n", i, i + 1),
		    0);
	assert_int_equal(text_printf(&table, "d900 inbound\n%c", '\0'), 0);
	goes(table.s, "a@d890", "a@d900 inbound "
	    "(891 892 893 894 895 896 897 898 899 900 901)");
	text_free(&table);
}

static void
ten_thousand_rules_are_all_found(void **state)
{
	struct text table = { 0 }, said = { 0 }, address = { 0 };
	struct rules *rules;
	struct router *router;
	struct address a;
	struct outcome o;
	size_t i;

	(void)state;
	for (i = 0; i < 10000; i++)
		assert_int_equal(text_printf(&table,
		    "u%zu@d%zu.x v%zu@y\n*.w%zu.x inbound\n", i, i % 100, i,
		    i), 0);
	assert_int_equal(text_add_byte(&table, '\0'), 0);
	rules = read_table(table.s, &said);
	assert_int_equal(said.len, 0);
	assert_non_null(router = router_new(rules, &plain));
	for (i = 0; i < 10000; i++) {
		address.len = 0;
		assert_int_equal(text_printf(&address, "u%zu@d%zu.x", i,
		    i % 100), 0);
		assert_true(address_only(text_span(&address), &a));
		assert_int_equal(router_route(router, RECIPIENT, &a, &o), 0);
		assert_true(o.destinations[0].new_local);
		assert_memory_equal(o.destinations[0].local.s + 1,
		    address.s + 1,
		    o.destinations[0].local.len - 1);
		address.len = 0;
		assert_int_equal(text_printf(&address, "q@a.b.w%zu.x", i), 0);
		assert_true(address_only(text_span(&address), &a));
		assert_int_equal(router_route(router, RECIPIENT, &a, &o), 0);
		assert_int_equal(rules_line(rules, o.destinations[0].rule),
		    2 * i + 2);
	}
	router_free(router);
	rules_free(rules);
	text_free(&table);
	text_free(&address);
}

static void
comments_continuations_and_line_ends(void **state)
{
	(void)state;
	goes("\xef\xbb\xbf# a comment\r\n\r\nx inbound", "a@x",
	    "a@x inbound (3)");
	goes("a@x   # sent to\r\n\tb@y, # the first\r\n# between\r\n   \r\n"
	    "  c#d@y\r\n", "a@x", "b@y relay (1) | c#d@y relay (1)");
	goes("e@x,\r\n  f@x   reject:No #1 \"here   # really\r\n", "f@x",
	    "f@x reject No (1)");
	goes("\"g # h\"@x inbound\n", "\"g # h\"@x",
	    "\"g # h\"@x inbound (1)");
	goes("/a #b/ inbound # x", "\"a #b\"@x", "\"a #b\"@x inbound (1)");
}

/* The reason at the end is the system's own. */
static void
a_regular_expression_that_does_not_compile_is_an_error(void **state)
{
	static const char expected[] =
	    "2: the regular expression \"/(/\" does not compile: ";
	struct text said = { 0 };
	struct rules *rules = read_table("x y\n/(/ z\n", &said);

	(void)state;
	assert_true(said.len > sizeof(expected));
	assert_memory_equal(said.s, expected, sizeof(expected) - 1);
	text_free(&said);
	rules_free(rules);
}

static void
assert_same_destination(const struct destination *a,
    const struct destination *b)
{
	assert_int_equal(a->action, b->action);
	assert_int_equal(a->new_local, b->new_local);
	assert_int_equal(a->new_domain, b->new_domain);
	assert_int_equal(a->rule, b->rule);
	assert_true(span_equal(a->local, b->local));
	assert_true(span_equal(a->domain, b->domain));
	assert_true(span_equal(a->detail, b->detail));
}

static void
assert_untouched(const struct outcome *outcome)
{
	assert_int_equal(outcome->status, ROUTED);
	assert_int_equal(outcome->count, 1);
	assert_int_equal(outcome->destinations[0].rule, 0);
	assert_int_equal(outcome->destinations[0].action, RELAY);
	assert_false(outcome_is_rewritten(outcome));
}

/* Routes an address by a router that knows things, and by one that does not. */
static void
assert_known_is_found(struct router *knowing, struct router *finding,
    const struct address *a)
{
	struct outcome known, found;
	uint32_t domain;
	size_t i;

	match_domains(router_rules(knowing), RECIPIENT, a, 1, &domain);
	assert_int_equal(router_route(finding, RECIPIENT, a, &found), 0);
	if (router_passes(finding, RECIPIENT, a))
		assert_untouched(&found);
	assert_int_equal(router_route(finding, RECIPIENT, a, &found), 0);
	if (router_route_plain(knowing, RECIPIENT, a, domain, &known) == 1) {
		assert_untouched(&found);
		return;
	}
	assert_int_equal(known.status, found.status);
	assert_int_equal(known.count, found.count);
	for (i = 0; i < known.count; i++)
		assert_same_destination(&known.destinations[i],
		    &found.destinations[i]);
}

/* All addresses of the alphabet, domain by domain, so that much is known. */
static void
compare_known(const struct rules *rules, const struct router_options *options)
{
	struct router *knowing = router_new(rules, options);
	struct router *finding = router_new(rules, options);
	struct text local = { 0 }, room = { 0 };
	struct address a;
	size_t i, j;

	for (i = 1; i < RANDOM_DOMAINS; i++)
		for (j = 0; j < RANDOM_LOCALS; j++) {
			local.len = 0;
			text_add_span(&local, span_of(random_local(j)));
			assert_int_equal(address_write(&room,
			    text_span(&local), span_of(random_domain(i)), &a),
			    0);
			assert_known_is_found(knowing, finding, &a);
		}
	text_free(&local);
	text_free(&room);
	router_free(knowing);
	router_free(finding);
}

/* Lines without a local part: only by such rules is anything known. */
static void
add_domain_rules(struct text *table)
{
	static const char *const scopes[] = { "", "*.", "." };
	static const char *const names[] = { "a", "b", "a.b", "b.a", "c" };
	static const char *const routes[] = { "a", "b", "a.b", "c", "keep",
		"b, c", "inbound", "discard", "forward:a", "x@b", "$0",
		"d.$1" };
	uint32_t i, scope, most = 1 + random_below(5);

	for (i = 0; i < most; i++) {
		scope = random_below(3);
		assert_int_equal(text_printf(table, "%s%s  %s\n",
		    scopes[scope], names[random_below(5)],
		    routes[random_below(scope == 1 ? 12 : 10)]), 0);
	}
}

static void
what_is_known_of_a_domain_is_what_is_found(void **state)
{
	static const struct random_table any = { .most = 3, .captures = true };
	static const struct router_options ways[] = { { .once = false },
		{ .once = true }, { .delimiters = "+" } };
	struct text table = { 0 };
	struct rules *rules;
	size_t i;

	(void)state;
	random_begin(7);
	for (i = 0; i < 3000; i++) {
		table.len = 0;
		if (i % 4 == 0)
			random_table(&table, &any);
		else
			add_domain_rules(&table);
		rules = random_rules(text_span(&table), NULL);
		compare_known(rules, &ways[i % 3]);
		rules_free(rules);
	}
	text_free(&table);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_matches_itself),
		cmocka_unit_test(what_is_known_of_a_domain_is_what_is_found),
		cmocka_unit_test(a_domain_matches_itself_alone),
		cmocka_unit_test(a_star_matches_domains_below),
		cmocka_unit_test(a_dot_matches_a_domain_and_those_below),
		cmocka_unit_test(
		    a_local_part_matches_in_any_domain_or_below_one),
		cmocka_unit_test(stars_in_a_local_part_stand_for_anything),
		cmocka_unit_test(a_regular_expression_sees_the_whole_address),
		cmocka_unit_test(a_star_matches_everything_but_the_null_sender),
		cmocka_unit_test(literals_are_domains),
		cmocka_unit_test(several_patterns_share_a_route),
		cmocka_unit_test(a_label_in_utf8_is_its_a_label),
		cmocka_unit_test(
		    senders_and_recipients_have_rules_of_their_own),
		cmocka_unit_test(a_domain_replaces_the_domain),
		cmocka_unit_test(an_address_replaces_the_address),
		cmocka_unit_test(the_mail_goes_to_all_targets_each_once),
		cmocka_unit_test(an_address_may_be_among_its_own_targets),
		cmocka_unit_test(final_routes_end_the_way),
		cmocka_unit_test(captures_are_filled_in),
		cmocka_unit_test(what_captures_make_has_to_be_an_address),
		cmocka_unit_test(the_design_table_reroutes),
		cmocka_unit_test(the_example_of_exchange_works),
		cmocka_unit_test(
		    the_most_specific_rule_wins_wherever_it_stands),
		cmocka_unit_test(stars_and_regular_expressions_go_by_the_table),
		cmocka_unit_test(extensions_are_looked_up_without_themselves),
		cmocka_unit_test(an_address_may_be_rewritten_once_only),
		cmocka_unit_test(a_way_that_comes_round_is_a_loop),
		cmocka_unit_test(an_unqualified_address_may_get_a_domain),
		cmocka_unit_test(a_long_list_of_targets_goes_to_all),
		cmocka_unit_test(a_long_chain_is_no_loop),
		cmocka_unit_test(ten_thousand_rules_are_all_found),
		cmocka_unit_test(comments_continuations_and_line_ends),
		cmocka_unit_test(
		    a_regular_expression_that_does_not_compile_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
