package queue

// Holder is the process's name among the workers.
func Holder(q *Queue) string { return q.holder }

// InHand counts the attempts that the process has in hand.
func InHand(q *Queue) int { return len(q.held.all()) }
