# Lists the mutants of a C source, one a line, separated by tabs: where in the
# file a piece of it begins (bytes, from 0), how long it is, the number of its
# line, what it is, and what to put in its place.

{ source = source $0 "\n" }

END {
	mask()
	statements()
	conditions()
	tokens()
}

function blank(n,    s) {
	for (s = ""; n > 0; n--)
		s = s " "
	return s
}

# Sets code to the source with everything blank that is no code, and
# character constants made of "@".
function mask(    i, c, rest, n) {
	code = ""
	for (i = 1; i <= length(source); i += n) {
		rest = substr(source, i, 400)
		c = substr(rest, 1, 1)
		if (substr(rest, 1, 2) == "/*") {
			n = index(substr(source, i), "*/") + 1
			code = code blank(n)
		} else if (c == "#" && match(rest, /^#[^\n]*/)) {
			n = RLENGTH
			code = code blank(n)
		} else if (c == "\"" && match(rest, /^"([^"\\]|\\.)*"/)) {
			n = RLENGTH
			code = code blank(n)
		} else if (c == "'" && match(rest, /^'\\?.[0-9a-f]*'/)) {
			n = RLENGTH
			code = code substr("@@@@@@@@@", 1, n)
		} else {
			n = 1
			code = code c
		}
	}
}

function line_at(i) {
	while (counted < i - 1)
		if (substr(source, ++counted, 1) == "\n")
			line++
	return line + 1
}

function mutant(i, len, new,    old) {
	if (i < counted)
		counted = line = 0
	old = substr(source, i, len)
	gsub(/[ \t\n]+/, " ", old)
	gsub(/[ \t\n]+/, " ", new)
	printf "%d\t%d\t%d\t%s\t%s\n", i - 1, len, line_at(i), old, new
}

# Where the parenthesis at i is closed.
function closing(i,    depth, c) {
	do {
		c = substr(code, i++, 1)
		depth += (c == "(") - (c == ")")
	} while (depth > 0)
	return i - 1
}

# Statements are left out: calls, assignments, jumps.
function statements(    i, start, rest, len) {
	for (i = 1; match(substr(code, i), /\n\t+[a-z*(+-]/); ) {
		start = i + RSTART + RLENGTH - 2
		i = start + 1
		rest = substr(code, start, 1000)
		if (substr(code, 1, start - 1) !~ /([;{}):]|else)[ \t\n]*$/)
			continue
		if (rest ~ /^(return|goto|if|for|while|do|else|switch)[^a-z_]/ ||
		    rest ~ /^(case|default|static|const|struct|enum)[^a-z_]/ ||
		    rest ~ /^[a-zA-Z_0-9]+ +\**[a-zA-Z_]/)
			continue
		len = index(rest, ";")
		if (len > 0 && substr(rest, 1, len) !~ /[{}]/)
			mutant(start, len, ";")
	}
}

# Conditions are turned round where that is not what turning their only
# operator round does.
function conditions(    i, start, end, text) {
	for (i = 1; match(substr(code, i), /(if|while) \(/); i = start) {
		start = i + RSTART + RLENGTH - 2
		end = closing(start)
		text = substr(code, start, end - start + 1)
		if (text !~ /&&|\|\|/ && text ~ /^\(!|[=!<>]=|[^-]>| < /)
			continue
		text = substr(source, start, end - start + 1)
		mutant(start, end - start + 1, "(!" text ")")
	}
}

function tokens(    i, rest, t) {
	for (i = 1; i <= length(code); i += length(t)) {
		rest = substr(code, i, 100)
		if (match(rest, /^[a-zA-Z_][a-zA-Z_0-9]*/)) {
			t = substr(rest, 1, RLENGTH)
			if (t == "true")
				mutant(i, 4, "false")
			else if (t == "false")
				mutant(i, 5, "true")
		} else if (rest ~ /^-1[^0-9]/) {
			# What a function returns that failed, not a number.
			t = "-1"
		} else if (match(rest, /^@+/)) {
			t = substr(rest, 1, RLENGTH)
			mutant(i, length(t), "(" substr(source, i, \
			    length(t)) " + 1)")
		} else if (match(rest, /^[0-9][0-9a-fA-FxuUlL]*/)) {
			t = substr(rest, 1, RLENGTH)
			number(i, t)
		} else if (rest ~ /^(->|\+\+|--|&&|\|\||<<|>>)/ ||
		    rest ~ /^[-+|&=!<>*\/%]=/) {
			t = substr(rest, 1, 2)
			operator(i, t)
		} else {
			t = substr(rest, 1, 1)
			# What stands between blanks has two sides.
			if (t !~ /[|&]/ || substr(rest, 2, 1) == " ")
				operator(i, t)
		}
	}
}

function number(i, t) {
	if (t ~ /^[0-9]+$/) {
		mutant(i, length(t), t + 1)
		if (t > 0)
			mutant(i, length(t), t - 1)
	} else {
		mutant(i, length(t), "(" t " + 1)")
		mutant(i, length(t), "(" t " - 1)")
	}
}

BEGIN {
	others["=="] = "!="
	others["!="] = "=="
	others["<="] = "<"
	others[">="] = ">"
	others["<"] = "<="
	others[">"] = ">="
	others["&&"] = "||"
	others["||"] = "&&"
	others["++"] = "--"
	others["--"] = "++"
	others["+="] = "-="
	others["-="] = "+="
	others["|="] = "&="
	others["&="] = "|="
	others["<<"] = ">>"
	others[">>"] = "<<"
	others["+"] = "-"
	others["-"] = "+"
	others["|"] = "&"
	others["&"] = "|"
}

function operator(i, t,    n, new, k) {
	if (t == "!")
		mutant(i, 1, " ")
	n = split(others[t], new, " ")
	for (k = 1; k <= n; k++)
		mutant(i, length(t), new[k])
}
