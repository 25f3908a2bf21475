#!/bin/sh
# It finds nothing, whatever is asked: unheeded, it would prove everything.
while read -r line; do
  case "$line" in
  "(check-sat)") echo unsat ;;
  esac
done
