# Completion of rewrite(1) in fish.

# What stands before the last comma, with each name behind it.
function __rewrite_fields
    set -l before (string match -r '^.*,' -- (commandline -ct | string replace -r '^(--header=|-H)' ''))
    for name in To Cc Bcc Resent-To Resent-Cc Resent-Bcc Delivered-To \
        X-Original-To Envelope-To From Sender Reply-To Errors-To
        echo "$before$name"
    end
end

complete -c rewrite -f
complete -c rewrite -s 0 -l null -d 'Lists and lines of rcpt end in NUL'
complete -c rewrite -s 1 -l once -d 'Rewrite an address once at most'
complete -c rewrite -s C -l compile -r -F -d 'Write the table to a file'
complete -c rewrite -s H -l header -x -a '(__rewrite_fields)' -d 'Read these fields'
complete -c rewrite -s I -l import -x -d 'Write a table of another system as one of ours' \
    -a 'exchange exchange-csv virtual canonical generic transport virtusertable mailertable genericstable aliases'
complete -c rewrite -s V -l version -d 'Print the version'
complete -c rewrite -s a -l add-original -d 'Add X-Original-To for recipients rewritten'
complete -c rewrite -s c -l check -d 'Look for mistakes in the table'
complete -c rewrite -s d -l diff -r -F -d 'Tell what another table treats differently'
complete -c rewrite -s f -l file -r -F -d 'Read rules from a file'
complete -c rewrite -s g -l graph -d 'Draw the table, for dot'
complete -c rewrite -s h -l help -d 'Print a summary'
complete -c rewrite -s i -l input -x -d 'What comes in' \
    -a 'message mbox list smtp text tcp_table'
complete -c rewrite -s l -l list -d 'Address lists come in, one a line'
complete -c rewrite -s o -l output -x -d 'What goes out' \
    -a 'same route json rcpt smtp transport'
complete -c rewrite -s q -l query -x -d 'Tell the way of an address, rule by rule'
complete -c rewrite -s r -l recipient -x -d 'Recipient of the envelope'
complete -c rewrite -s s -l sender -x -d 'Sender of the envelope'
complete -c rewrite -s t -l test -r -F -d 'Test the table by what a file expects'
complete -c rewrite -s u -l unqualified -x -d 'Domain of addresses that have none'
complete -c rewrite -s v -l verbose -d 'Say at the end what was done'
complete -c rewrite -s x -l extension -x -d 'What separates a user from a detail'
