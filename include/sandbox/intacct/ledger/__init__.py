"""What the books do: totals, rates, terms, periods, postings, applications, schedules."""
