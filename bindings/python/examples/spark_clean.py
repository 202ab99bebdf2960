"""JSON Lines in, restored Parquet out.

spark-submit --master 'local[2]' spark_clean.py 'crawl/*.jsonl' clean/
"""

import sys

from pyspark.sql import SparkSession

from unspin.spark import restore_column

if __name__ == "__main__":
    source, target = sys.argv[1:]
    spark = SparkSession.builder.appName("unspin").getOrCreate()
    restore_column(spark.read.json(source), "text", report=True).write.parquet(target)
    spark.stop()
