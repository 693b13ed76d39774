"""Private names of promptflow that code in the wild imports all the same, with as much behind them as is sensible."""
