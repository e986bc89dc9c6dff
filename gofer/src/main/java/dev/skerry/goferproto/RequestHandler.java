package dev.skerry.goferproto;

/** Serves requests, a method for each. */
public interface RequestHandler {
  Response attach(FileRequest.Attach request) throws RequestException;

  Response walk(FileRequest.Walk request) throws RequestException;

  Response find(FileRequest.Find request) throws RequestException;

  Response findTree(FindTree request) throws RequestException;

  Response getAttributes(FileRequest.GetAttributes request) throws RequestException;

  Response setAttributes(FileRequest.SetAttributes request) throws RequestException;

  Response open(FileRequest.Open request) throws RequestException;

  Response create(NameRequest.Create request) throws RequestException;

  Response createTemporary(NameRequest.CreateTemporary request) throws RequestException;

  Response makeDirectory(NameRequest.MakeDirectory request) throws RequestException;

  Response makeNode(NameRequest.MakeNode request) throws RequestException;

  Response makeSymlink(NameRequest.MakeSymlink request) throws RequestException;

  Response link(NameRequest.Link request) throws RequestException;

  Response unlink(NameRequest.Unlink request) throws RequestException;

  Response rename(NameRequest.Rename request) throws RequestException;

  Response readLink(FileRequest.ReadLink request) throws RequestException;

  Response readDirectory(FileRequest.ReadDirectory request) throws RequestException;

  Response getFileSystem(FileRequest.GetFileSystem request) throws RequestException;

  Response sync(FileRequest.Sync request) throws RequestException;

  Response getXattr(FileRequest.GetXattr request) throws RequestException;

  Response setXattr(FileRequest.SetXattr request) throws RequestException;

  Response removeXattr(FileRequest.RemoveXattr request) throws RequestException;

  Response listXattr(FileRequest.ListXattr request) throws RequestException;

  Response close(FileRequest.Close request) throws RequestException;
}
