package queue

import (
	"context"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"
)

// A fence is River's driver, except that a report on an attempt that this
// process has lost is thrown away: River itself would take it for a report by
// the worker that has the job now.
type fence[T any] struct {
	riverdriver.Driver[T]
	held *held
}

func (f fence[T]) GetExecutor() riverdriver.Executor {
	return fencedExecutor{f.Driver.GetExecutor(), f.held}
}

type fencedExecutor struct {
	riverdriver.Executor
	held *held
}

// JobSetStateIfRunningMany writes the reports that count.
func (e fencedExecutor) JobSetStateIfRunningMany(ctx context.Context, p *riverdriver.JobSetStateIfRunningManyParams) ([]*rivertype.JobRow, error) {
	valid := &riverdriver.JobSetStateIfRunningManyParams{Now: p.Now, Schema: p.Schema}
	for i, number := range p.ID {
		if e.held.void(number) {
			e.held.leave(number)
			continue
		}
		valid.ID = append(valid.ID, number)
		valid.Attempt = append(valid.Attempt, p.Attempt[i])
		valid.ErrData = append(valid.ErrData, p.ErrData[i])
		valid.FinalizedAt = append(valid.FinalizedAt, p.FinalizedAt[i])
		valid.MetadataDoMerge = append(valid.MetadataDoMerge, p.MetadataDoMerge[i])
		valid.MetadataUpdates = append(valid.MetadataUpdates, p.MetadataUpdates[i])
		valid.ScheduledAt = append(valid.ScheduledAt, p.ScheduledAt[i])
		valid.State = append(valid.State, p.State[i])
	}
	if len(valid.ID) == 0 {
		return nil, nil
	}
	rows, err := e.Executor.JobSetStateIfRunningMany(ctx, valid)
	if err == nil {
		for _, number := range valid.ID {
			e.held.leave(number)
		}
	}
	return rows, err
}
