// Package lab takes uploads in and makes pictures of them: uploads become
// images, images become jobs, jobs become images.
package lab
