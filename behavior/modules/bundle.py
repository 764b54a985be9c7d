@functools.lru_cache(maxsize=None)
def _unpacked():
    """Folder with the model and the Python package that runs it, until the program ends."""
    folder = tempfile.mkdtemp(prefix="arrayspice-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(BUNDLE))) as members:
        members.extractall(folder)
    sys.path.append(folder)  # after an installed package
    return folder


@functools.lru_cache(maxsize=None)
def array_model(dtype=torch.float64):
    """The exported model: conductances (rows, columns) in S and inputs (batch, rows) in V to
    currents (batch, columns) in A, differentiable. It checks itself against circuit solves."""
    folder = _unpacked()
    import arrayspice

    return arrayspice.layer(os.path.join(folder, "layer.npz"), dtype=dtype)


# A ZIP of the package `arrayspice` and of layer.npz.
BUNDLE = """
@DATA@
"""
