-- What a process costs that connects and asks nothing worth asking.
SELECT 1;
