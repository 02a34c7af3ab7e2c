// Command safelight is an AI photo lab that one person can run: a website, an
// API and a command line that sell credits and process photos.
//
//	safelight serve --shop shops/opendream
//	safelight enhance photo.jpg large.png
//
// This package is the wiring: flags, settings, and which implementation stands
// behind which port. It decides nothing else.
package main
