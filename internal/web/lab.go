package web

func (s *Server) labRoutes() {}
