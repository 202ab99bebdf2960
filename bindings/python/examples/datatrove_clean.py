"""JSON Lines in, restored JSON Lines out, in as many processes as there are cores.

python datatrove_clean.py crawl/ clean/
"""

import os
import sys

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter

from unspin.datatrove import Restore

if __name__ == "__main__":
    source, target = sys.argv[1:]
    cores = os.cpu_count() or 1
    LocalPipelineExecutor([JsonlReader(source), Restore(preset="precision"), JsonlWriter(target)], tasks=cores, workers=cores).run()
