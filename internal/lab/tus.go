package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"
	expslog "golang.org/x/exp/slog"

	"safelight/internal/account"
	"safelight/internal/db"
	"safelight/internal/fault"
	"safelight/internal/id"
	"safelight/internal/picture"
)

// A Gate is what a transport knows of the requests for resumable uploads.
type Gate struct {
	Base string // the address of the handler, such as "https://example.com/api/v1/uploads/"
	Path string // where it is mounted, such as "/api/v1/uploads/"
	// Who says who sends a request; an error ends it.
	Who func(r *http.Request) (account.ID, error)
	// Fail answers with an error; it is handed every one that has a sentence.
	Fail func(w http.ResponseWriter, r *http.Request, err error)
}

// The errors about uploads in pieces.
var (
	ErrNoUpload       = fault.New(fault.NotFound, "lab.no_upload", "There is no such upload, or it has expired.")
	ErrUpload         = fault.New(fault.Malformed, "lab.upload", "This upload request cannot be read.")
	ErrUploadMoved    = fault.New(fault.Conflict, "lab.upload_moved", "The upload is at another place. Please resume it.")
	ErrTooManyUploads = fault.New(fault.RateLimited, "lab.too_many_uploads", "There are too many unfinished uploads.")
)

// UploadImageHeader is the header of the last answer to an upload that names
// the image it became.
const UploadImageHeader = "Safelight-Image"

// Bounds of uploads in pieces.
const (
	maxUploads  = 20             // unfinished ones of one account
	keepUpload  = 24 * time.Hour // an unfinished one
	keepTaken   = 15 * time.Minute
	takeTimeout = 5 * time.Minute
)

// Uploads is a handler for resumable uploads by the tus protocol, version 1.0.0,
// with creation, creation-with-upload and termination. What has arrived is kept
// in the storage and the database, so that any process can go on with it. A
// finished upload is taken as [Lab.Take] does; the answer names the image.
func (l *Lab) Uploads(g Gate) (http.Handler, error) {
	s := &arrivals{lab: l}
	composer := handler.NewStoreComposer()
	composer.Core, composer.UsesTerminater, composer.Terminater = s, true, s
	h, err := handler.NewHandler(handler.Config{
		StoreComposer: composer, BasePath: g.Base, MaxSize: l.limits.Bytes,
		DisableDownload: true, DisableConcatenation: true, Cors: &handler.CorsConfig{Disable: true},
		Logger:                  expslog.New(expslog.NewTextHandler(io.Discard, nil)), // it logs every request
		NetworkTimeout:          30 * time.Second,
		PreUploadCreateCallback: s.admit, PreFinishResponseCallback: s.finished,
	})
	if err != nil {
		return nil, fmt.Errorf("lab: uploads: %w", err)
	}
	return &uploads{gate: g, tus: http.StripPrefix(strings.TrimSuffix(g.Path, "/"), h), tooLarge: l.tooLarge()}, nil
}

// uploads lets known people through to the protocol, and turns its errors into
// ours.
type uploads struct {
	gate     Gate
	tus      http.Handler
	tooLarge error
}

func (u *uploads) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	who, err := u.gate.Who(r)
	if err != nil {
		u.gate.Fail(w, r, err)
		return
	}
	r.Header.Del("X-HTTP-Method-Override")
	v := &visit{who: who}
	a := &answer{ResponseWriter: w, r: r, visit: v, fail: u.gate.Fail, tooLarge: u.tooLarge}
	u.tus.ServeHTTP(a, r.WithContext(context.WithValue(r.Context(), visitKey{}, v)))
}

type visitKey struct{}

// A visit is one request of somebody's.
type visit struct {
	who account.ID
	err error // of ours, why it fails
}

func visitOf(ctx context.Context) *visit {
	v, _ := ctx.Value(visitKey{}).(*visit)
	return v
}

// broke remembers why a visit fails; the protocol's own error stands for it.
func broke(ctx context.Context, err error) error {
	visitOf(ctx).err = err
	return handler.NewError("ERR_SAFELIGHT", "refused", http.StatusInternalServerError)
}

// An answer replaces the protocol's errors.
type answer struct {
	http.ResponseWriter
	r        *http.Request
	visit    *visit
	fail     func(w http.ResponseWriter, r *http.Request, err error)
	tooLarge error
	failed   bool
}

// Unwrap is for http.ResponseController.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (a *answer) WriteHeader(status int) {
	err := a.visit.err
	if err == nil {
		err = a.protocolError(status)
	}
	if err == nil || status < 400 {
		a.ResponseWriter.WriteHeader(status)
		return
	}
	a.failed = true
	a.Header().Del("Content-Length")
	a.Header().Del("Content-Type")
	a.fail(a.ResponseWriter, a.r, err)
}

func (a *answer) Write(p []byte) (int, error) {
	if a.failed {
		return len(p), nil
	}
	return a.ResponseWriter.Write(p)
}

// protocolError is ours for a status of the protocol; nil leaves it as it is.
func (a *answer) protocolError(status int) error {
	switch status {
	case http.StatusBadRequest:
		return ErrUpload
	case http.StatusNotFound, http.StatusGone:
		return ErrNoUpload
	case http.StatusConflict:
		return ErrUploadMoved
	case http.StatusRequestEntityTooLarge:
		return a.tooLarge
	case http.StatusInternalServerError:
		return ErrBrokenOff
	}
	return nil
}

// admit judges an upload before it begins. The name is all that is kept of what
// the client says of it.
func (s *arrivals) admit(e handler.HookEvent) (handler.HTTPResponse, handler.FileInfoChanges, error) {
	if e.Upload.Size < 1 {
		return handler.HTTPResponse{}, handler.FileInfoChanges{}, broke(e.Context, picture.ErrEmpty)
	}
	name := e.Upload.MetaData["filename"]
	if name == "" {
		name = e.Upload.MetaData["name"]
	}
	return handler.HTTPResponse{}, handler.FileInfoChanges{ID: id.New[string](uploadPrefix) + strings.ToLower(id.Secret()),
		MetaData: handler.MetaData{"filename": picture.Rename(name, "", "")}}, nil
}

// finished takes an upload that has arrived whole. One that is refused is gone;
// one that could not be taken now loses its last piece, so that the client
// sends that again.
func (s *arrivals) finished(e handler.HookEvent) (handler.HTTPResponse, error) {
	ctx := e.Context
	u, err := s.find(ctx, e.Upload.ID)
	if err != nil {
		return handler.HTTPResponse{}, err
	}
	i, err := s.take(ctx, u.upload)
	if err != nil {
		return handler.HTTPResponse{}, broke(ctx, err)
	}
	return handler.HTTPResponse{Header: handler.HTTPHeader{UploadImageHeader: string(i.ID)}}, nil
}

// take goes on when the client has left: it would have to send all again.
func (s *arrivals) take(ctx context.Context, u upload) (Image, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), takeTimeout)
	defer cancel()
	content := s.lab.reader(ctx, u)
	defer func() { _ = content.Close() }()
	i, err := s.lab.Take(ctx, u.who, u.name, content)
	settle := func(tx *db.Tx) ([]string, error) { return taken(ctx, tx, u, i.ID) }
	switch {
	case err != nil && refusedForGood(err):
		settle = func(tx *db.Tx) ([]string, error) { return dropUploads(ctx, tx, u.who, u.id) }
	case err != nil:
		settle = func(tx *db.Tx) ([]string, error) { return stepBack(ctx, tx, u) }
	}
	blobs, failed := db.Do(ctx, s.lab.DB, settle)
	if failed == nil {
		failed = s.lab.remove(ctx, blobs)
	}
	if err != nil {
		return Image{}, err
	}
	return i, failed
}

// refusedForGood reports whether sending the same bytes again cannot help.
func refusedForGood(err error) bool {
	k := fault.Of(err).Kind
	return k != fault.Internal && k != fault.Unavailable && !errors.Is(err, blobMissing)
}
