-- Where the server may ask for files of a node, and the folders that it may give commands; null: wherever the node's owner allows.
ALTER TABLE nodes ADD COLUMN granted_paths text[];
