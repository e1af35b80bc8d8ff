# Completion of rewrite(1) in bash, from 3.2 on.

# Where '=' breaks words, "--input=mb" is three of them.
_rewrite_words()
{
	cur=${COMP_WORDS[COMP_CWORD]}
	prev=${COMP_WORDS[COMP_CWORD - 1]}
	if [[ $cur == = ]]; then
		cur=
	elif [[ $prev == = && $COMP_CWORD -gt 2 ]]; then
		prev=${COMP_WORDS[COMP_CWORD - 2]}
	fi
}

# The option whose argument is to be completed, and what stands before that in
# the same word: "-i" is followed by it, "-lim" has it in itself.
_rewrite_option()
{
	local flags='-[01acghlVv]*'

	option= before=
	if [[ $prev == --* ]]; then
		option=$prev
	elif [[ $prev =~ ^$flags([CHIdfioqrstux])$ ]]; then
		option=-${BASH_REMATCH[1]}
	elif [[ $cur =~ ^($flags([CHIdfioqrstux]))(.+)$ ]]; then
		before=${BASH_REMATCH[1]}
		option=-${BASH_REMATCH[2]}
		cur=${BASH_REMATCH[3]}
	fi
}

# What is among these, one a line; a name of a file may have blanks in it.
_rewrite_offer()
{
	local word

	while IFS= read -r word; do
		COMPREPLY+=("$word")
	done < <(compgen -P "$before" "$@" -- "$cur")
}

# One of these words.
_rewrite_one()
{
	_rewrite_offer -W "$1"
}

_rewrite_file()
{
	compopt -o filenames 2>/dev/null
	_rewrite_offer -f
}

# Several names, with commas between them; ':' is no part of them.
_rewrite_fields()
{
	if [[ $cur == *,* ]]; then
		before+=${cur%,*},
		cur=${cur##*,}
	fi
	compopt -o nospace 2>/dev/null
	_rewrite_one 'To Cc Bcc Resent-To Resent-Cc Resent-Bcc Delivered-To
	    X-Original-To Envelope-To From Sender Reply-To Errors-To'
}

_rewrite_options()
{
	_rewrite_one '-0 -1 -C -H -I -V -a -c -d -f -g -h -i -l -o -q -r -s -t
	    -u -v -x --null --once --compile --header --import --version
	    --add-original --check --diff --file --graph --help --input --list
	    --output --query --recipient --sender --test --unqualified
	    --verbose --extension'
}

_rewrite()
{
	local cur prev option before

	COMPREPLY=()
	_rewrite_words
	_rewrite_option
	case $option in
	-C | --compile | -d | --diff | -f | --file | -t | --test)
		_rewrite_file ;;
	-H | --header)
		_rewrite_fields ;;
	-I | --import)
		_rewrite_one 'exchange exchange-csv virtual canonical generic
		    transport virtusertable mailertable
		    genericstable aliases' ;;
	-i | --input)
		_rewrite_one 'message mbox list smtp text tcp_table' ;;
	-o | --output)
		_rewrite_one 'same route json rcpt smtp transport' ;;
	-q | --query | -r | --recipient | -s | --sender | -u | --unqualified | \
	-x | --extension)
		;;
	*)
		[[ $cur != -* ]] || _rewrite_options ;;
	esac
}

complete -F _rewrite rewrite
