"""Tables and batches -> files; one module per output shape.

`marcxml` and `iso2709` render a MarcBatch to bytes; `edits` and `assemble` make the batch that is to be
rendered; `files` gets bytes onto the disk, whole or not at all.
"""
