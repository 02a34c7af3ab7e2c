package api

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"safelight/internal/account"
	"safelight/internal/db"
	"safelight/internal/fault"
	"safelight/internal/lab"
	"safelight/internal/serve"
)

// Image is a picture that the caller has here.
type Image struct {
	ID        string `json:"id"`
	Role      string `json:"role" enum:"original,result"`
	Name      string `json:"name"`
	Width     int    `json:"width"`
	Height    int    `json:"height"`
	Bytes     int64  `json:"bytes"`
	Format    string `json:"format" enum:"jpeg,png,webp,avif,heic"`
	SHA256    string `json:"sha256"`
	JobID     string `json:"job_id,omitempty"`
	CreatedAt string `json:"created_at" format:"date-time"`
	ExpiresAt string `json:"expires_at" format:"date-time"`
}

// Images is a list.
type Images struct {
	Images []Image `json:"images"`
}

// Source is an address of a picture.
type Source struct {
	URL string `json:"url" format:"uri" doc:"https, reachable from everywhere."`
}

var imageType = reflect.TypeFor[Image]()

type imageID struct {
	ID string `path:"id"`
}

// ErrFile means that an upload has no file.
var ErrFile = fault.New(fault.Invalid, "api.file", "Send the picture as multipart/form-data in the field file.")

func imageOf(i lab.Image) Image {
	return Image{ID: string(i.ID), Role: string(i.Role), Name: i.Name, Width: i.Width, Height: i.Height, Bytes: i.Bytes, Format: string(i.Format),
		SHA256: i.SHA256, JobID: string(i.Job), CreatedAt: *stamp(i.Created), ExpiresAt: *stamp(i.Expires)}
}

func (a *API) images() {
	tags := []string{"Images"}
	a.handle(huma.Operation{OperationID: "upload-image", Method: http.MethodPost, Path: "/api/v1/images", Tags: tags,
		Summary: "Upload a picture", Description: "For large files on weak links use tus at /api/v1/uploads.",
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {
			Schema: &huma.Schema{Type: "object", Required: []string{"file"}, Properties: map[string]*huma.Schema{"file": {Type: "string", Format: "binary"}}}}}},
		Responses: a.created()}, a.upload)
	call(a, huma.Operation{OperationID: "fetch-image", Method: http.MethodPost, Path: "/api/v1/images/from-url", DefaultStatus: http.StatusCreated, Tags: tags,
		Summary: "Take a picture from an address", Errors: []int{http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity}},
		func(ctx context.Context, who account.Visitor, in *body[Source]) (*body[Image], error) {
			i, err := a.Lab.TakeURL(ctx, who.Account.ID, in.Body.URL)
			if err != nil {
				return nil, err
			}
			return &body[Image]{imageOf(i)}, nil
		})
	call(a, huma.Operation{OperationID: "list-images", Method: http.MethodGet, Path: "/api/v1/images", Summary: "Your pictures", Tags: tags},
		func(ctx context.Context, who account.Visitor, in *page) (*body[Images], error) {
			all, err := db.Ask(ctx, a.DB, func(tx *db.Tx) ([]lab.Image, error) {
				return a.Lab.List(ctx, tx, who.Account.ID, lab.Page{Before: in.Before, Limit: in.Limit})
			})
			out := Images{Images: []Image{}}
			for _, i := range all {
				out.Images = append(out.Images, imageOf(i))
			}
			return &body[Images]{out}, err
		})
	call(a, huma.Operation{OperationID: "get-image", Method: http.MethodGet, Path: "/api/v1/images/{id}", Summary: "One picture", Tags: tags,
		Errors: []int{http.StatusNotFound}},
		func(ctx context.Context, who account.Visitor, in *imageID) (*body[Image], error) {
			i, err := db.Ask(ctx, a.DB, func(tx *db.Tx) (lab.Image, error) {
				return a.Lab.Find(ctx, tx, who.Account.ID, lab.ImageID(in.ID))
			})
			if err != nil {
				return nil, err
			}
			return &body[Image]{imageOf(i)}, nil
		})
	a.handle(huma.Operation{OperationID: "get-image-file", Method: http.MethodGet, Path: "/api/v1/images/{id}/file", Tags: tags,
		Summary: "The picture's file", Parameters: []*huma.Param{idParam()}, Responses: file("image/*")}, a.download)
	call(a, huma.Operation{OperationID: "delete-image", Method: http.MethodDelete, Path: "/api/v1/images/{id}", DefaultStatus: http.StatusNoContent,
		Summary: "Delete a picture", Tags: tags, Errors: []int{http.StatusNotFound}},
		func(ctx context.Context, who account.Visitor, in *imageID) (*struct{}, error) {
			return &struct{}{}, a.Lab.Delete(ctx, who.Account.ID, lab.ImageID(in.ID))
		})
	call(a, huma.Operation{OperationID: "delete-images", Method: http.MethodDelete, Path: "/api/v1/images", DefaultStatus: http.StatusNoContent,
		Summary: "Delete all pictures", Tags: tags},
		func(ctx context.Context, who account.Visitor, _ *struct{}) (*struct{}, error) {
			_, err := a.Lab.DeleteAll(ctx, who.Account.ID)
			return &struct{}{}, err
		})
	if a.Uploads != nil {
		a.mux.Handle("/api/v1/uploads", a.Uploads)
		a.mux.Handle("/api/v1/uploads/", a.Uploads)
	}
}

// created describes the answer of an upload.
func (a *API) created() map[string]*huma.Response {
	schema := a.huma.OpenAPI().Components.Schemas.Schema(imageType, true, "Image")
	return map[string]*huma.Response{
		"201": {Description: "The picture is here", Content: map[string]*huma.MediaType{"application/json": {Schema: schema}}},
		"401": {Description: "No token"}, "413": {Description: "Too large"}, "415": {Description: "Not a kind of picture that we take"},
		"422": {Description: "Damaged, or over a limit"},
	}
}

// upload reads the multipart stream as it comes; nothing is kept but the file.
func (a *API) upload(w http.ResponseWriter, r *http.Request, who account.Visitor) error {
	serve.AllowBody(r.Context(), a.Shop.Lab.MaxBytes+1<<20)
	parts, err := r.MultipartReader()
	if err != nil {
		return ErrFile.On("file").Because(err)
	}
	for {
		part, err := parts.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return ErrFile.On("file")
		case err != nil:
			return lab.ErrBrokenOff.Because(err)
		case part.FormName() != "file":
			continue
		}
		i, err := a.Lab.Take(r.Context(), who.Account.ID, part.FileName(), part)
		if err != nil {
			return err
		}
		return serve.JSON(w, http.StatusCreated, imageOf(i))
	}
}

func (a *API) download(w http.ResponseWriter, r *http.Request, who account.Visitor) error {
	i, err := db.Ask(r.Context(), a.DB, func(tx *db.Tx) (lab.Image, error) {
		return a.Lab.Find(r.Context(), tx, who.Account.ID, lab.ImageID(r.PathValue("id")))
	})
	if err != nil {
		return err
	}
	f, c, err := a.Lab.Open(r.Context(), i, lab.File)
	if err != nil {
		return err
	}
	defer f.Close()
	w.Header().Set("Content-Type", c.MediaType)
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": c.Name}))
	w.Header().Set("Content-Security-Policy", "sandbox; default-src 'none'")
	w.Header().Set("Cache-Control", "private, no-store")
	http.ServeContent(w, r, "", c.Modified, f)
	return nil
}
