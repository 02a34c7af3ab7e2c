package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"safelight/internal/account"
	"safelight/internal/db"
	"safelight/internal/engine"
	"safelight/internal/fault"
	"safelight/internal/lab"
	"safelight/internal/serve"
)

// Wish is what is wanted of an image.
type Wish struct {
	ImageID   string   `json:"image_id"`
	Operation string   `json:"operation" enum:"upscale,denoise,restore,portrait,generate"`
	Scale     int      `json:"scale,omitempty" doc:"2, 3 or 4, for upscale."`
	Strength  *float64 `json:"strength,omitempty" doc:"0 to 1; left out, the engine looks at the picture and chooses."`
	Model     string   `json:"model,omitempty" doc:"quality or fast."`
	Prompt    string   `json:"prompt,omitempty" maxLength:"4000" doc:"What to make, for engines that read."`
	Engine    string   `json:"engine,omitempty" doc:"The shop's first when left out."`
	Format    string   `json:"format,omitempty" doc:"jpeg, png, webp or avif; the image's own when left out."`
}

func (w Wish) wish() lab.Wish {
	return lab.Wish{Operation: engine.Operation(w.Operation), Scale: w.Scale, Strength: w.Strength, Model: w.Model, Format: w.Format, Engine: w.Engine}
}

// Job is work on an image.
type Job struct {
	ID            string   `json:"id"`
	Status        string   `json:"status" enum:"queued,running,success,failed,cancelled"`
	Operation     string   `json:"operation"`
	ImageID       string   `json:"image_id"`
	Model         string   `json:"model"`
	Engine        string   `json:"engine"`
	Format        string   `json:"format"`
	Progress      int      `json:"progress" minimum:"0" maximum:"100"`
	Cost          int64    `json:"cost" doc:"Credits, held while the job is under way."`
	Charged       int64    `json:"charged" doc:"Credits taken: the cost after success, otherwise 0."`
	ResultImageID string   `json:"result_image_id,omitempty"`
	ResultSHA256  string   `json:"result_sha256,omitempty"`
	Failure       *Failure `json:"failure,omitempty"`
	QueuePosition *int     `json:"queue_position,omitempty" doc:"Jobs ahead of this one, while it is queued."`
	CreatedAt     string   `json:"created_at" format:"date-time"`
	StartedAt     *string  `json:"started_at,omitempty" format:"date-time"`
	EndedAt       *string  `json:"ended_at,omitempty" format:"date-time"`
}

// Failure says why a job failed.
type Failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Jobs is a list.
type Jobs struct {
	Jobs []Job `json:"jobs"`
}

// Quote is what a wish would cost.
type Quote struct {
	Cost     int64  `json:"cost" doc:"Credits."`
	Engine   string `json:"engine"`
	Model    string `json:"model"`
	Output   Size   `json:"output"`
	TermsURL string `json:"terms_url,omitempty" doc:"Whose terms apply besides the shop's."`
}

// Size is in pixels.
type Size struct {
	Width  int `json:"width"`
	Height int `json:"height"`
}

type jobID struct {
	ID string `path:"id"`
}

type quoteOf struct {
	ImageID   string  `query:"image_id" required:"true"`
	Operation string  `query:"operation" required:"true" enum:"upscale,denoise,restore,portrait,generate"`
	Scale     int     `query:"scale" doc:"2, 3 or 4, for upscale."`
	Strength  float64 `query:"strength" default:"-1" doc:"0 to 1; -1: the engine looks at the picture and chooses."`
	Model     string  `query:"model" doc:"quality or fast."`
	Engine    string  `query:"engine" doc:"The shop's first when left out."`
	Format    string  `query:"format" doc:"jpeg, png, webp or avif; the image's own when left out."`
}

func (a *API) jobOf(ctx context.Context, j lab.Job) Job {
	out := Job{ID: string(j.ID), Status: string(j.Status), Operation: string(j.Operation), ImageID: string(j.Image), Model: j.Model, Engine: j.Engine,
		Format: string(j.Format), Progress: j.Progress, Cost: j.Cost, Charged: j.Charged, ResultImageID: string(j.Result), ResultSHA256: j.ResultSHA256,
		CreatedAt: *stamp(j.Created), StartedAt: stamp(j.Started), EndedAt: stamp(j.Ended)}
	if err := j.Failure.Err(); err != nil {
		out.Failure = &Failure{Code: fault.Of(err).Name(), Message: serve.Printer(ctx).Error(err)}
	}
	return out
}

func (a *API) jobs() {
	tags := []string{"Jobs"}
	call(a, huma.Operation{OperationID: "quote", Method: http.MethodGet, Path: "/api/v1/quote", Summary: "What a job would cost", Tags: tags,
		Errors: []int{http.StatusNotFound, http.StatusUnprocessableEntity}}, a.quote)
	call(a, huma.Operation{OperationID: "start-job", Method: http.MethodPost, Path: "/api/v1/jobs", DefaultStatus: http.StatusAccepted, Tags: tags,
		Summary: "Have a job done", Description: "Sets the credits aside and queues the job; ask for it until its status is success, failed or cancelled. " +
			"Credits are taken after success alone.",
		Errors: []int{http.StatusBadRequest, http.StatusPaymentRequired, http.StatusNotFound, http.StatusConflict, http.StatusRequestEntityTooLarge,
			http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity}, Parameters: onceHeader()}, a.startJob)
	call(a, huma.Operation{OperationID: "list-jobs", Method: http.MethodGet, Path: "/api/v1/jobs", Summary: "Your jobs", Tags: tags,
		Description: "Newest first.", Errors: []int{http.StatusUnprocessableEntity}}, a.listJobs)
	call(a, huma.Operation{OperationID: "get-job", Method: http.MethodGet, Path: "/api/v1/jobs/{id}", Summary: "One job", Tags: tags,
		Errors: []int{http.StatusNotFound}}, a.getJob)
	call(a, huma.Operation{OperationID: "cancel-job", Method: http.MethodDelete, Path: "/api/v1/jobs/{id}", Summary: "Cancel a job; its credits come back", Tags: tags,
		Errors: []int{http.StatusNotFound, http.StatusConflict}}, a.cancelJob)
}

func (a *API) quote(ctx context.Context, who account.Visitor, in *quoteOf) (*body[Quote], error) {
	if err := valid("img", in.ImageID, lab.ErrNoImage.On("image_id")); err != nil {
		return nil, err
	}
	w := lab.Wish{Operation: engine.Operation(in.Operation), Scale: in.Scale, Strength: &in.Strength, Model: in.Model, Engine: in.Engine, Format: in.Format}
	q, err := db.Ask(ctx, a.DB, func(tx *db.Tx) (lab.Quote, error) {
		return a.Lab.Quote(ctx, tx, who.Account.ID, lab.ImageID(in.ImageID), w)
	})
	return &body[Quote]{Quote{Cost: q.Cost, Engine: q.Engine, Model: q.Model, Output: Size{q.Width, q.Height}, TermsURL: q.TermsURL}}, err
}

func (a *API) startJob(ctx context.Context, who account.Visitor, in *body[Wish]) (*body[Job], error) {
	key, err := onceKey(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	if err := valid("img", in.Body.ImageID, lab.ErrNoImage.On("image_id")); err != nil {
		return nil, err
	}
	done, err := a.turns.take(ctx, string(who.Account.ID))
	if err != nil {
		return nil, err
	}
	defer done()
	r := lab.Request{Image: lab.ImageID(in.Body.ImageID), Wish: in.Body.wish(), Key: key, Client: clientOf(ctx)}
	j, err := db.Do(ctx, a.DB, func(tx *db.Tx) (lab.Job, error) { return a.Lab.Start(ctx, tx, who.Account.ID, r) })
	if err != nil {
		return nil, err
	}
	return &body[Job]{a.jobOf(ctx, j)}, nil
}

func (a *API) listJobs(ctx context.Context, who account.Visitor, in *page) (*body[Jobs], error) {
	if err := in.valid("job"); err != nil {
		return nil, err
	}
	all, err := db.Ask(ctx, a.DB, func(tx *db.Tx) ([]lab.Job, error) {
		return a.Lab.Jobs(ctx, tx, who.Account.ID, lab.Page{Before: in.Before, Limit: in.Limit})
	})
	out := Jobs{Jobs: []Job{}}
	for _, j := range all {
		out.Jobs = append(out.Jobs, a.jobOf(ctx, j))
	}
	return &body[Jobs]{out}, err
}

func (a *API) getJob(ctx context.Context, who account.Visitor, in *jobID) (*body[Job], error) {
	if err := valid("job", in.ID, lab.ErrNoJob); err != nil {
		return nil, err
	}
	out, err := db.Ask(ctx, a.DB, func(tx *db.Tx) (Job, error) {
		j, err := a.Lab.FindJob(ctx, tx, who.Account.ID, lab.JobID(in.ID))
		if err != nil {
			return Job{}, err
		}
		out := a.jobOf(ctx, j)
		if j.Status == lab.Queued {
			n, err := a.Lab.Position(ctx, tx, j)
			if err != nil {
				return Job{}, err
			}
			out.QueuePosition = &n
		}
		return out, nil
	})
	return &body[Job]{out}, err
}

func (a *API) cancelJob(ctx context.Context, who account.Visitor, in *jobID) (*body[Job], error) {
	if err := valid("job", in.ID, lab.ErrNoJob); err != nil {
		return nil, err
	}
	j, err := db.Do(ctx, a.DB, func(tx *db.Tx) (lab.Job, error) {
		return a.Lab.Cancel(ctx, tx, who.Account.ID, lab.JobID(in.ID))
	})
	if err != nil {
		return nil, err
	}
	return &body[Job]{a.jobOf(ctx, j)}, nil
}
